using System.Reflection;
using Segue.Conformance;
using Xunit.Sdk;

namespace Segue.Testing;

/// <summary>
/// Runs a theory on each of the given major versions (all supported ones when none is given). The quick tier takes one
/// of two by turns; of more, the newest and one of the others, or <see cref="OneByTurns"/>. A test of versions that are
/// not to be run at all runs on the last of its own: it is not left out.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresVersionsAttribute(params int[] majors) : DataAttribute
{
    /// <summary>The quick tier takes one of all versions: for a test that takes long.</summary>
    public bool OneByTurns { get; init; }

    public override IEnumerable<object[]> GetData(MethodInfo testMethod) =>
        Taken(Wanted(), Rotation.Number(testMethod.Name)).Select(major => new object[] { major });

    private IReadOnlyList<int> Taken(int[] wanted, int number) =>
        OneByTurns && !Rotation.IsFull ? [Rotation.Pick(wanted, number)] : Rotation.Versions(wanted, number);

    private int[] Wanted()
    {
        int[] wanted = [.. Postgres.Majors.Where(major => majors.Length == 0 || majors.Contains(major))];
        return wanted.Length > 0 ? wanted : [majors[^1]];
    }
}
