using Segue.Engines;
using Segue.Planning;

namespace Segue.Conformance;

/// <summary>
/// An empty database of the engine under test, with all that differs from engine to engine. Its tests are about one
/// table, <c>items</c>: its key is <c>id</c>, numbers from 1 without gaps, and <c>amount</c> holds the same number.
/// </summary>
public interface IEngineTarget : IFaultyServer, IAsyncDisposable
{
    /// <summary>The time in which runs wait.</summary>
    TimeProvider Time { get; }

    /// <summary>An engine on it, as a process of its own has it: disposed, it is that process's end.</summary>
    IEngine Open();

    /// <summary>One whose server cannot be reached.</summary>
    IEngine OpenUnreachable();

    Task CreateItemsAsync(int rows);

    /// <summary>Writes a row's amount, as an app does.</summary>
    Task WriteAsync(long id, long amount);

    /// <summary>Rows of <c>items</c> whose <c>code</c> is not twice the amount.</summary>
    Task<long> WrongAsync();

    /// <summary>All that an app can know of the schema, in lines.</summary>
    Task<IReadOnlyList<string>> SchemaAsync();

    /// <summary>Segue's own objects that only serve a change under way.</summary>
    Task<IReadOnlyList<string>> LeftoversAsync();

    /// <summary>An app holds a row, until it is disposed.</summary>
    Task<IAsyncDisposable> HoldRowAsync(long id);

    /// <summary>Somebody keeps everybody from writing the table, until it is disposed.</summary>
    Task<IAsyncDisposable> HoldTableAsync();

    /// <summary>So that ranges made before mean other rows.</summary>
    Task RewriteAsync();

    /// <summary>Somebody with every right alters an event of the ledger, whatever protects it.</summary>
    Task AlterEventAsync(long id);

    /// <summary>The same step, with statements that hold its locks for longer than any budget.</summary>
    DdlStep HoldingLong(DdlStep step);

    /// <summary>A catalog question whose answer is yes.</summary>
    string Yes { get; }
}
