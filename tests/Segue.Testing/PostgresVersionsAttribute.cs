using System.Reflection;
using Xunit.Sdk;

namespace Segue.Testing;

/// <summary>Runs a theory on each of the given major versions (all supported ones when none is given).</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresVersionsAttribute(params int[] majors) : DataAttribute
{
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) =>
        Postgres
            .Majors.Where(major => majors.Length == 0 || majors.Contains(major))
            .Select(major => new object[] { major });
}
