using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Segue.Cli.Options;

/// <summary>Options that are a whole number.</summary>
internal static class NumberOption
{
    /// <summary>A number of a range; 1,000 and 1_000 are 1000.</summary>
    public static Option<int> Between(int least, int most, int preset, string name, string form, string what) =>
        new(name)
        {
            Description = $"{what} {Plain.Count(least)} to {Plain.Count(most)}.",
            HelpName = form,
            DefaultValueFactory = _ => preset,
            CustomParser = result => Read(result, name, least, most),
        };

    private static int Read(ArgumentResult result, string name, int least, int most)
    {
        string text = result.Tokens[^1].Value.Replace("_", "");
        if (
            !int.TryParse(text, NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out int number)
            || number < least
            || number > most
        )
        {
            result.AddError($"'{name}' must be a whole number from {Plain.Count(least)} to {Plain.Count(most)}.");
        }

        return number;
    }
}
