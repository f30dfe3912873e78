namespace Segue.Yaml;

/// <summary>Finds the name that was probably meant.</summary>
public static class Nearest
{
    // A longer word is no misspelt name of ours, and the cost of the distance is the product of both lengths.
    private const int LongestWord = 100;

    /// <param name="word">The written name. Case does not matter, nor do _, - or blanks between words.</param>
    /// <param name="known">The known names.</param>
    /// <returns>
    /// The nearest known name, if it differs from <paramref name="word"/> in at most a third of its letters (at least
    /// one); else null.
    /// </returns>
    public static string? To(string word, IEnumerable<string> known)
    {
        string normal = Normal(word);
        if (normal.Length > LongestWord)
        {
            return null;
        }

        var best = known
            .Select(name => (Name: name, Distance: Distance(normal, Normal(name))))
            .OrderBy(candidate => candidate.Distance)
            .FirstOrDefault();
        return
            best.Name is not null
            && best.Distance <= Math.Max(1, best.Name.Length / 3)
            && (best.Distance == 0 || best.Distance < best.Name.Length)
            ? best.Name
            : null;
    }

    /// <summary>Without what people vary: case, and what joins words.</summary>
    internal static string Normal(string word) => word.ToLowerInvariant().Replace('-', '_').Replace(' ', '_');

    /// <summary>
    /// Letters added, dropped, replaced or swapped with their neighbour ("optimal string alignment").
    /// </summary>
    private static int Distance(string a, string b)
    {
        int[,] cost = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            for (int j = 0; j <= b.Length; j++)
            {
                cost[i, j] =
                    i == 0 || j == 0
                        ? i + j
                        : Math.Min(
                            Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1,
                            cost[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
                        );
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
                }
            }
        }

        return cost[a.Length, b.Length];
    }
}
