using System.Text.Json;
using System.Text.Json.Serialization;

namespace Segue;

/// <summary>Values of an enum as <c>snake_case</c> text.</summary>
internal sealed class SnakeCase<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseLower)
    where T : struct, Enum;
