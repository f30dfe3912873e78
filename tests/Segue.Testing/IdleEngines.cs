using Segue.PostgreSql;

namespace Segue.Testing;

/// <summary>
/// Engines between two runs. Opening one costs several sessions, so a database's runs take turns with one engine; runs
/// at the same time have one each, as two processes would.
/// </summary>
internal sealed class IdleEngines : IAsyncDisposable
{
    private readonly Stack<(PostgresEngineSettings Settings, PostgresEngine Engine, int Age)> _idle = new();
    private int _age;

    /// <summary>Sessions that are open now are not used again.</summary>
    public void Clear()
    {
        lock (_idle)
        {
            _age++;
        }
    }

    public async Task<T> UseAsync<T>(
        Func<PostgresEngineSettings, PostgresEngine> open,
        PostgresEngineSettings settings,
        Func<PostgresEngine, Task<T>> use
    )
    {
        int age;
        lock (_idle)
        {
            age = _age;
        }

        PostgresEngine engine = await TakeAsync(settings) ?? open(settings);
        bool isWhole = false;
        try
        {
            T result = await use(engine);
            isWhole = true;
            return result;
        }
        finally
        {
            await GiveBackAsync(settings, engine, isWhole ? age : -1);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Clear();
        await TakeAsync(new PostgresEngineSettings());
    }

    /// <summary>One that is set up this way; others that are of no use any more are disposed of.</summary>
    private async Task<PostgresEngine?> TakeAsync(PostgresEngineSettings settings)
    {
        List<PostgresEngine> useless = [];
        PostgresEngine? found = null;
        lock (_idle)
        {
            while (found is null && _idle.TryPop(out var next))
            {
                if (next.Age == _age && next.Settings == settings)
                {
                    found = next.Engine;
                }
                else
                {
                    useless.Add(next.Engine);
                }
            }
        }

        foreach (PostgresEngine engine in useless)
        {
            await engine.DisposeAsync();
        }

        return found;
    }

    private async Task GiveBackAsync(PostgresEngineSettings settings, PostgresEngine engine, int age)
    {
        lock (_idle)
        {
            if (age == _age)
            {
                _idle.Push((settings, engine, age));
                return;
            }
        }

        await engine.DisposeAsync();
    }
}
