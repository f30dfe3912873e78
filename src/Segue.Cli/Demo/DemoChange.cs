namespace Segue.Cli.Demo;

/// <summary>The change of the demo, as a file like any other.</summary>
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

    public static void Write(string directory)
    {
        Directory.CreateDirectory(directory);
        System.IO.File.WriteAllText(Path.Combine(directory, $"{Name}.yaml"), File);
    }
}
