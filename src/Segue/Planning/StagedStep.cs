namespace Segue.Planning;

/// <summary>A step with its stage, while a plan is assembled.</summary>
public sealed record StagedStep(StageName Stage, Step Step);
