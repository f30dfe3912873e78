namespace Segue.Planning;

/// <summary>A step with the stage it belongs to, while a plan is put together.</summary>
public sealed record StagedStep(StageName Stage, Step Step);
