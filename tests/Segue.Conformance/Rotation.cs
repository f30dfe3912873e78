using System.Globalization;

namespace Segue.Conformance;

/// <summary>
/// What the quick tier of the suite leaves out of what it repeats for many versions, stages or calls. Five turns
/// together leave nothing out; the commit under test says whose turn it is. Without a turn nothing is left out.
/// </summary>
public static class Rotation
{
    public const int Turns = 5;
    private const string Variable = "SEGUE_TEST_ROTATION";

    /// <summary>From 0 on; null when everything runs.</summary>
    private static readonly int? Turn = Read(Environment.GetEnvironmentVariable(Variable));

    public static bool IsFull => Turn is null;

    /// <summary>Whether it is the turn of the case of this number.</summary>
    public static bool Takes(int number) => Turn is not { } turn || number % Turns == turn;

    /// <summary>Of two versions one by turns; of more, the newest (the last) and one of the others.</summary>
    public static IReadOnlyList<int> Versions(IReadOnlyList<int> all, int number) => Versions(all, number, Turn);

    /// <param name="turn">From 0 on; null takes all.</param>
    public static IReadOnlyList<int> Versions(IReadOnlyList<int> all, int number, int? turn) =>
        turn is not { } at || all.Count < 2 ? all
        : all.Count == 2 ? [all[(number + at) % 2]]
        : [all[(number + at) % (all.Count - 1)], all[^1]];

    /// <summary>Picks another one each turn; the next case gets the next one. Always the same without turns.</summary>
    public static T Pick<T>(IReadOnlyList<T> choices, int number) => choices[(number + (Turn ?? 0)) % choices.Count];

    /// <summary>Each turn takes every fifth of the steps from <paramref name="first"/> on.</summary>
    public static (int First, int Every) Spread(int first, int every) =>
        Turn is { } turn ? (first + (turn * every), every * Turns) : (first, every);

    /// <summary>A number of a case that stays the same when others come or go.</summary>
    public static int Number(string name) => name.Sum(letter => letter);

    private static int? Read(string? text) =>
        string.IsNullOrEmpty(text) ? null
        : int.TryParse(text, CultureInfo.InvariantCulture, out int turn) && turn is >= 1 and <= Turns ? turn - 1
        : throw new InvalidOperationException($"{Variable} is '{text}'; it must be a number from 1 to {Turns}.");
}
