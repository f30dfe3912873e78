using System.Xml.Linq;

namespace Segue.Cli.Demo.Report;

/// <summary>Elements of HTML and SVG, escaped and closed by the framework's own XML.</summary>
internal static class Markup
{
    public static XElement Tag(string name, params object?[] content) => new(name, content);

    /// <summary>With a class. An empty element gets a closing tag, as HTML requires.</summary>
    public static XElement Classed(string name, string @class, params object?[] content) =>
        new(name, new XAttribute("class", @class), content.Length == 0 ? "" : content);

    /// <summary>A shape of SVG.</summary>
    public static XElement Shape(string name, string @class, params ReadOnlySpan<(string Name, double Value)> numbers)
    {
        XElement shape = new(name, new XAttribute("class", @class));
        foreach ((string attribute, double value) in numbers)
        {
            shape.SetAttributeValue(attribute, Number(value));
        }

        return shape;
    }

    public static XElement Line(string @class, double x1, double y1, double x2, double y2) =>
        Shape("line", @class, ("x1", x1), ("y1", y1), ("x2", x2), ("y2", y2));

    public static XElement Box(string @class, double x, double y, double width, double height) =>
        Shape("rect", @class, ("x", x), ("y", y), ("width", width), ("height", height));

    public static XElement Words(string @class, double x, double y, string text)
    {
        XElement words = Shape("text", @class, ("x", x), ("y", y));
        words.Add(text);
        return words;
    }

    public static XElement Path(string @class, IEnumerable<(double X, double Y)> points, bool closed = false)
    {
        string path =
            $"M{string.Join('L', points.Select(point => $"{Number(point.X)} {Number(point.Y)}"))}{(closed ? "Z" : "")}";
        return new XElement("path", new XAttribute("class", @class), new XAttribute("d", path));
    }

    private static string Number(double value) => value.ToString("0.##");
}
