using System.Collections;
using System.Text.Json.Nodes;

namespace Segue.Yaml;

/// <summary>
/// A key of a map that stands for a <typeparamref name="TOwner"/>: all that reader, writer and JSON Schema know of it.
/// </summary>
internal abstract class Key<TOwner>(string name, string description)
{
    public string Name => name;

    public string Description => description;

    public bool Required { get; init; }

    /// <summary>Values, in <see cref="Form"/>.</summary>
    public IReadOnlyList<string> Examples { get; init; } = [];

    /// <summary>Names of the same key in other tools: the error for one of them suggests this key.</summary>
    public IReadOnlyList<string> KnownElsewhereAs { get; init; } = [];

    /// <summary>What a target must have for it, as not every one does; null where every target has it.</summary>
    public Enum? Needs { get; init; }

    /// <summary>How its value is given on a command line.</summary>
    public abstract KeyForm Form { get; }

    /// <summary>A value for a template, in <see cref="Form"/>.</summary>
    public abstract string Example { get; }

    public abstract JsonObject Schema();

    /// <returns>Null where the key may be left out, because it has its default.</returns>
    public abstract MapEntry? Write(TOwner owner);

    /// <summary>Its own need and those of its value; none where it may be left out.</summary>
    public abstract IEnumerable<KeyNeed> NeedsOf(TOwner owner);
}

/// <param name="name">As written in the file.</param>
/// <param name="value">Its type.</param>
/// <param name="get">Where the record keeps it; null where it is not set.</param>
/// <param name="description">For the JSON Schema: meaning, unit, default.</param>
internal sealed class Key<TOwner, T>(string name, Value<T> value, Func<TOwner, object?> get, string description)
    : Key<TOwner>(name, description)
    where T : notnull
{
    /// <summary>What the record has when the key is left out; default: nothing, 0 or false.</summary>
    public T Default { get; init; } = default!;

    /// <summary>Left out it is null in the record: no value is the default.</summary>
    public bool IsNullLeftOut { get; init; }

    public Value<T> Value => value;

    public override KeyForm Form => value.Form;

    public override string Example =>
        Examples.Count > 0 ? Examples[0]
        : Form == KeyForm.Flag ? (Default is true ? "false" : "true")
        : "";

    public override JsonObject Schema()
    {
        JsonObject schema = value.Schema();
        schema["description"] = Description;
        if (Default is not (null or false or 0 or 0L))
        {
            schema["default"] = NodeJson.Of(value.Write(Default));
        }

        if (Examples.Count > 0)
        {
            schema["examples"] = new JsonArray([.. Examples.Select(ExampleOf)]);
        }

        return schema;
    }

    private JsonNode ExampleOf(string example) =>
        Form == KeyForm.Yaml && NodeReader.Read(example, new Problems(Name)) is { } node ? NodeJson.Of(node) : example;

    public override MapEntry? Write(TOwner owner) =>
        IsSet(owner, out T given) ? new MapEntry(Position.WholeFile, Name, value.Write(given)) : null;

    public override IEnumerable<KeyNeed> NeedsOf(TOwner owner) =>
        !IsSet(owner, out T given)
            ? []
            : value
                .Needs(given)
                .Select(need => need.In(Name))
                .Concat(Needs is null ? [] : [new KeyNeed([Name], Needs)]);

    /// <summary>Two empty maps are not equal, but say the same.</summary>
    private bool IsDefault(T given) =>
        given.Equals(Default) || (given is ICollection { Count: 0 } && Default is ICollection { Count: 0 });

    private bool IsSet(TOwner owner, out T given)
    {
        object? held = get(owner);
        given = held is T set ? set : default!;
        return held is T && !(IsDefault(given) && !Required && !IsNullLeftOut);
    }
}
