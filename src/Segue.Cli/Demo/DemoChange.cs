using System.Diagnostics;
using Segue.Changes;
using Segue.Changes.Files;

namespace Segue.Cli.Demo;

/// <summary>The change the demo takes live, as a file like any other.</summary>
internal static class DemoChange
{
    public const string Name = "0001_orders_currency";

    private const string File = """
        description: Orders carry their currency
        operations:
          - add_column:
              table: orders
              name: currency
              type: char(3)
              nullable: false
              backfill: "coalesce(region_currency(region), 'USD')"
              check: "currency ~ '^[A-Z]{3}$'"
              references: { table: currencies, column: code }
              index: true
              comment: ISO 4217 code

        """;

    /// <summary>Writes the change file into a directory and reads it as every verb does.</summary>
    public static Change WriteAndRead(string directory)
    {
        Directory.CreateDirectory(directory);
        string path = Path.Combine(directory, $"{Name}.yaml");
        System.IO.File.WriteAllText(path, File);
        return ChangeFileReader.ReadFile(path) switch
        {
            ChangeFileResult.Read read => read.Change,
            ChangeFileResult.Invalid invalid => throw new UnreachableException(string.Join(' ', invalid.Errors)),
            var other => throw new UnreachableException($"{other.GetType()}"),
        };
    }
}
