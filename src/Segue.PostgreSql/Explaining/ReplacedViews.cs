using Npgsql;
using Segue.Engines;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Lexing;

namespace Segue.PostgreSql.Explaining;

/// <summary>Views whose query a statement replaces: code may see other rows or values.</summary>
internal sealed class ReplacedViews(NpgsqlConnection connection, CatalogFacts before, CatalogFacts after)
{
    private readonly RelationFacts[] _replaced =
    [
        .. before.Relations.Values.Where(old =>
            old.Kind == 'v'
            && after.Relations.TryGetValue(old.Oid, out RelationFacts? now)
            && now.QueryVersion != old.QueryVersion
        ),
    ];

    /// <summary>The queries of those views now.</summary>
    public async Task<IReadOnlyDictionary<long, string>> QueriesAsync(CancellationToken cancel) =>
        _replaced.Length == 0
            ? new Dictionary<long, string>()
            : (
                await connection.QueryAsync(
                    $"SELECT oid::bigint, {Printing.Of("pg_get_viewdef(oid)")} FROM pg_class WHERE "
                        + "oid::bigint = ANY ($1)",
                    row => (row.GetInt64(0), row.GetString(1)),
                    cancel,
                    (object)_replaced.Select(view => view.Oid).ToArray()
                )
            ).ToDictionary();

    /// <param name="was">The queries before the statement.</param>
    /// <param name="is">The queries after it.</param>
    public IEnumerable<Breakage> Breaks(IReadOnlyDictionary<long, string> was, IReadOnlyDictionary<long, string> @is)
    {
        foreach (RelationFacts old in _replaced)
        {
            if (!OnlyAddsColumns(was[old.Oid], @is[old.Oid]))
            {
                yield return new Breakage(
                    BreakageKind.Changes,
                    $"the query of the view {PlainName.Of(old.Schema, old.Name)} is replaced: "
                        + "code may see other rows or values"
                );
            }
        }

        foreach (RelationFacts old in before.Relations.Values.Where(each => each.Kind == 'v'))
        {
            if (
                after.Relations.TryGetValue(old.Oid, out RelationFacts? now)
                && now.Options != old.Options
                && now.Options.Contains("check_option", StringComparison.Ordinal)
            )
            {
                yield return new Breakage(
                    BreakageKind.Narrows,
                    $"the view {PlainName.Of(old.Schema, old.Name)} gets WITH CHECK OPTION: "
                        + "rows that it does not display are rejected"
                );
            }
        }
    }

    /// <summary>After the others; the rest of the query is unchanged.</summary>
    private static bool OnlyAddsColumns(string was, string @is)
    {
        (string head, string tail) = Parts(was);
        (string newHead, string newTail) = Parts(@is);
        return tail == newTail && (newHead == head || newHead.StartsWith($"{head},", StringComparison.Ordinal));
    }

    /// <summary>The columns that it displays, and what follows them.</summary>
    private static (string Head, string Tail) Parts(string query)
    {
        int depth = 0;
        foreach (SqlToken token in SqlTokens.Of(query))
        {
            depth += token.IsName
                ? 0
                : token.Text switch
                {
                    "(" => 1,
                    ")" => -1,
                    _ => 0,
                };
            if (depth == 0 && token.Is("from"))
            {
                return (query[..token.At].TrimEnd(), query[token.At..]);
            }
        }

        return (query.TrimEnd().TrimEnd(';'), "");
    }
}
