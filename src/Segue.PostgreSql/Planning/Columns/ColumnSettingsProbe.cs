using Segue.Changes;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Planning.Columns;

/// <summary>Asks the server to set a column's statistics target, storage and compression.</summary>
internal sealed class ColumnSettingsProbe(AlteredColumn at)
{
    public async Task<IReadOnlyList<Alteration>> AskAsync(CancellationToken cancel) =>
        [
            .. When(await StatisticsAsync(cancel)),
            .. When(await StorageAsync(cancel)),
            .. When(await CompressionAsync(cancel)),
        ];

    private Task<Alteration?> StatisticsAsync(CancellationToken cancel) =>
        at.Change.Statistics is not { } target
            ? Nothing
            : SettingAsync(
                new Setting(
                    "statistics",
                    $"SET STATISTICS {target}",
                    $"SET STATISTICS {at.Column.Statistics}",
                    $"coalesce(a.attstattarget, -1) = {target}",
                    $"coalesce(a.attstattarget, -1) = {at.Column.Statistics}",
                    Locks.ShareUpdateExclusive
                ),
                cancel
            );

    private Task<Alteration?> StorageAsync(CancellationToken cancel) =>
        at.Change.Storage is not { } storage
            ? Nothing
            : SettingAsync(
                Lettered("storage", Letter(storage), Letter(StorageNames.Storages[at.Column.Storage])),
                cancel
            );

    private Task<Alteration?> CompressionAsync(CancellationToken cancel) =>
        at.Change.Compression is not { } compression
            ? Nothing
            : SettingAsync(
                Lettered("compression", Letter(compression), Letter(StorageNames.Compressions[at.Column.Compression])),
                cancel
            );

    /// <summary>A setting that the catalog keeps as a letter and statements write as a word.</summary>
    private static Setting Lettered(
        string key,
        (string Letter, string Word) wanted,
        (string Letter, string Word) now
    ) =>
        new(
            key,
            $"SET {key.ToUpperInvariant()} {wanted.Word}",
            $"SET {key.ToUpperInvariant()} {now.Word}",
            $"a.att{key} = '{wanted.Letter}'",
            $"a.att{key} = '{now.Letter}'",
            Locks.AccessExclusive
        );

    private static (string Letter, string Word) Letter(ColumnStorage storage) =>
        ($"{StorageNames.Storages.First(each => each.Value == storage).Key}", StorageNames.Word(storage));

    private static (string Letter, string Word) Letter(ColumnCompression compression) =>
        (StorageNames.Compressions.First(each => each.Value == compression).Key, StorageNames.Word(compression));

    private static Task<Alteration?> Nothing { get; } = Task.FromResult<Alteration?>(null);

    private async Task<Alteration?> SettingAsync(Setting setting, CancellationToken cancel)
    {
        bool goes = await at.Copy.TryAsync(
            setting.Key,
            "Leave it out, or give a value that the column's type allows.",
            () => at.Connection.ExecuteAsync($"ALTER TABLE {at.Copy.Sql} ALTER COLUMN {at.Sql} {setting.Set}", cancel),
            cancel
        );
        return !goes || setting.IsDone == setting.IsUndone
            ? null
            : new Alteration
            {
                Stage = StageName.Expand,
                Title = $"set the {setting.Key} of {at.Column.Name}",
                Statement = $"{at.Alter} {setting.Set}",
                IsDone = at.Is(setting.IsDone),
                Undo = $"{at.Alter} {setting.Undo}",
                IsUndone = at.Is(setting.IsUndone),
                Mode = setting.Mode,
            };
    }

    /// <param name="Key">In the change file.</param>
    /// <param name="Set">The action of ALTER COLUMN.</param>
    /// <param name="Undo">The action that takes it back.</param>
    private sealed record Setting(string Key, string Set, string Undo, string IsDone, string IsUndone, string Mode);
}
