namespace Segue.Yaml;

/// <summary>How a key's value is given where no YAML is written: on a command line.</summary>
public enum KeyForm
{
    /// <summary>As it is; the writer adds the quotes that YAML needs.</summary>
    Text,

    /// <summary>true or false.</summary>
    Flag,

    /// <summary>A list or a map, in YAML's flow style.</summary>
    Yaml,
}
