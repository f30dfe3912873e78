namespace Segue.Settings;

/// <summary>How an address is written, for people: engines recognise their own.</summary>
internal static class AddressExample
{
    public const string Text = "postgres://segue@localhost:5432/shop";
}
