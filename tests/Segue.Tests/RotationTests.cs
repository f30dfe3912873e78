using Segue.Conformance;

namespace Segue.Tests;

/// <summary>What one turn of the quick tier leaves out, another one takes.</summary>
public class RotationTests
{
    private static readonly int[] All = [14, 15, 16, 17, 18];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void All_turns_together_run_a_theory_on_every_version(int count)
    {
        int[] versions = All[..count];
        for (int number = 0; number < 20; number++)
        {
            Enumerable
                .Range(0, Rotation.Turns)
                .SelectMany(turn => Rotation.Versions(versions, number, turn))
                .Distinct()
                .ShouldBe(versions, ignoreOrder: true);
        }
    }

    [Fact]
    public void A_turn_takes_at_most_two_versions_and_without_turns_all_run()
    {
        Rotation.Versions(All, 3, turn: 4).ShouldBe([17, 18]);
        Rotation.Versions(All[..2], 3, turn: 4).ShouldBe([15]);
        Rotation.Versions(All, 3, turn: null).ShouldBe(All);
    }
}
