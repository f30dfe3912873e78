namespace Segue.Cli.Status;

/// <summary>How long an object is kept, in words.</summary>
internal static class KeptTime
{
    public static string Words(DateTimeOffset until, bool isOver) =>
        isOver ? $"until {until:u}: it may be purged" : $"until {until:u}";
}
