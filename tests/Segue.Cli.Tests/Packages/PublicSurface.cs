using System.Reflection;
using System.Text;

namespace Segue.Cli.Tests.Packages;

/// <summary>What an assembly offers to others, a line for each type and member, in the order of their names.</summary>
internal static class PublicSurface
{
    private const BindingFlags Declared =
        BindingFlags.Public
        | BindingFlags.NonPublic
        | BindingFlags.Instance
        | BindingFlags.Static
        | BindingFlags.DeclaredOnly;

    /// <summary>Of records: written by the compiler, and of no use in a list.</summary>
    private static readonly string[] Compiled =
    [
        "Equals",
        "GetHashCode",
        "ToString",
        "PrintMembers",
        "<Clone>$",
        "op_Equality",
        "op_Inequality",
        "Deconstruct",
    ];

    public static string Of(Assembly assembly)
    {
        StringBuilder text = new();
        foreach (Type type in assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            text.Append(Kind(type)).Append(' ').Append(Name(type)).Append(Bases(type)).Append('\n');
            foreach (string member in Members(type).Distinct().Order(StringComparer.Ordinal))
            {
                text.Append("    ").Append(member).Append('\n');
            }
        }

        return text.ToString();
    }

    private static string Kind(Type type) =>
        type switch
        {
            { IsEnum: true } => "enum",
            { IsInterface: true } => "interface",
            { IsValueType: true } => "struct",
            { IsAbstract: true, IsSealed: true } => "static class",
            { IsAbstract: true } => "abstract class",
            { IsSealed: true } => "sealed class",
            _ => "class",
        };

    private static string Bases(Type type)
    {
        IEnumerable<Type> bases =
            type is { IsClass: true, BaseType: { } parent } && parent != typeof(object) ? [parent] : [];
        IEnumerable<Type> own = type.GetInterfaces()
            .Where(one =>
                one.IsPublic && !(one.IsGenericType && one.GetGenericTypeDefinition() == typeof(IEquatable<>))
            )
            .OrderBy(one => one.FullName, StringComparer.Ordinal);
        string[] names = type.IsEnum || type.IsValueType ? [] : [.. bases.Concat(own).Select(Name)];
        return names.Length == 0 ? "" : $" : {string.Join(", ", names)}";
    }

    private static IEnumerable<string> Members(Type type)
    {
        if (type.IsEnum)
        {
            return Enum.GetNames(type).Select(name => $"{name} = {(int)Enum.Parse(type, name)}");
        }

        IEnumerable<string> constructors = type.GetConstructors(Declared)
            .Where(IsOffered)
            .Where(made => made.GetParameters() is not [var only] || only.ParameterType != type)
            .Select(made => $"new({Parameters(made)})");
        IEnumerable<string> methods = type.GetMethods(Declared)
            .Where(IsOffered)
            .Where(method => !method.Name.StartsWith("get_") && !method.Name.StartsWith("set_"))
            .Where(method => !Compiled.Contains(method.Name))
            .Select(method => $"{Static(method)}{Name(method.ReturnType)} {method.Name}({Parameters(method)})");
        IEnumerable<string> properties = type.GetProperties(Declared)
            .Where(property => property.GetMethod is { } get && IsOffered(get) && property.Name != "EqualityContract")
            .Select(property =>
                $"{Static(property.GetMethod!)}{Name(property.PropertyType)} {property.Name} "
                + $"{{ get;{Setter(property)} }}"
            );
        IEnumerable<string> constants = type.GetFields(Declared)
            .Where(field => field.IsPublic)
            .Select(field => $"const {Name(field.FieldType)} {field.Name}");
        return constructors.Concat(methods).Concat(properties).Concat(constants);
    }

    private static bool IsOffered(MethodBase method) => method.IsPublic || method.IsFamily;

    private static string Static(MethodBase method) => method.IsStatic ? "static " : "";

    private static string Setter(PropertyInfo property) =>
        property.SetMethod is not { } set || !IsOffered(set) ? ""
        : set.ReturnParameter.GetRequiredCustomModifiers().Length > 0 ? " init;"
        : " set;";

    private static string Parameters(MethodBase method) =>
        string.Join(
            ", ",
            method
                .GetParameters()
                .Select(parameter =>
                    $"{Name(parameter.ParameterType)} {parameter.Name}{(parameter.IsOptional ? "?" : "")}"
                )
        );

    private static string Name(Type type)
    {
        if (type.IsGenericParameter)
        {
            return type.Name;
        }

        if (type.IsArray)
        {
            return $"{Name(type.GetElementType()!)}[]";
        }

        string full = type.IsNested ? $"{Name(type.DeclaringType!)}.{type.Name}" : type.Name;
        string plain = full.Split('`')[0];
        string place = type.IsNested || type.Namespace is "System" || IsCollection(type) ? "" : $"{type.Namespace}.";
        Type[] arguments = type.GetGenericArguments();
        return arguments.Length == 0 || type.IsNested
            ? $"{place}{plain}"
            : $"{place}{plain}<{string.Join(", ", arguments.Select(Name))}>";
    }

    private static bool IsCollection(Type type) =>
        type.Namespace is "System.Collections.Generic" or "System.Threading" or "System.Threading.Tasks";
}
