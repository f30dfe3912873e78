namespace Segue.Conformance;

/// <summary>Gives each test of a suite a database of its own.</summary>
public interface IEngineHarness
{
    Task RunAsync(Func<IEngineTarget, Task> test);
}
