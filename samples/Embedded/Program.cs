using Segue.Execution;
using Segue.PostgreSql;
using Segue.Projects;
using Segue.Running;

SegueProject project = SegueProject.Open(Directory.GetCurrentDirectory()).OrThrow();
EngineRegistry engines = new(new PostgresProvider());
await using SegueTarget target = (await project.ConnectAsync(args.FirstOrDefault(), engines)).OrThrow();

RunEvents events = new(happened => Console.Error.WriteLine(happened));
foreach (ChangeEntry change in (await target.PendingAsync()).OrThrow().Changes)
{
    PlannedChange shown = (await target.PlanAsync(change)).OrThrow();
    Console.WriteLine($"{change.Change.Name}: {shown.Plan.Steps().Count()} steps, plan {shown.Hash}");
    RunOutcome outcome = await target.ApplyAsync(shown, events: events);
    Console.WriteLine($"{change.Change.Name}: {outcome.GetType().Name}");
}

foreach (Standing standing in await target.StatusAsync())
{
    string next = string.Join(" or ", standing.Next.Select(action => action.Verb));
    Console.WriteLine($"{standing.Name} is {standing.Status}; next: {next}");
}
