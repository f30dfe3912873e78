using System.CommandLine;
using System.Text.Json.Nodes;
using Segue.Cli.Running;
using Segue.Engines;

namespace Segue.Cli.Commands;

/// <summary><c>segue doctor</c>: what this server and role can do, and what would block a change now.</summary>
internal static class DoctorCommand
{
    public static Command Create(Host host)
    {
        Verb verb = new(
            "doctor",
            "Reports what this server and role can do, and what would block a change now.",
            "It only reads. Exit code 1 if it finds something that would stop a change.",
            "segue doctor",
            "segue doctor --database production --output json"
        )
        {
            CommonOptions.Database,
            CommonOptions.Changes,
            CommonOptions.Output,
        };
        verb.OnDatabase(host, (session, _, cancel) => RunAsync(session, cancel));
        return verb;
    }

    private static async Task<ExitCode> RunAsync(Session session, CancellationToken cancel)
    {
        IReadOnlyList<Diagnosis> diagnoses = await session.Target.Engine.Inspection.Doctor.ExamineAsync(cancel);
        if (session.Report.IsJson)
        {
            session.Report.Document(new JsonObject { ["diagnoses"] = new JsonArray([.. diagnoses.Select(ToJson)]) });
        }
        else
        {
            session.Report.Results.Line($"{session.Target.Address}", Ink.Strong);
            Write(session.Report.Results, diagnoses);
        }

        return diagnoses.Any(diagnosis => diagnosis.Health == Health.Bad) ? ExitCode.Failed : ExitCode.Done;
    }

    private static void Write(Sheet sheet, IReadOnlyList<Diagnosis> diagnoses)
    {
        foreach (Diagnosis diagnosis in diagnoses)
        {
            (string mark, Ink ink) = diagnosis.Health switch
            {
                Health.Good => ("ok", Ink.Good),
                Health.Limited => ("limited", Ink.Warning),
                _ => ("bad", Ink.Bad),
            };
            sheet.Line(($"  {mark, -9}", ink), (diagnosis.Topic, Ink.Strong));
            sheet.Prose(11, diagnosis.Message);
        }
    }

    private static JsonObject ToJson(Diagnosis diagnosis) =>
        new()
        {
            ["topic"] = diagnosis.Topic,
            ["health"] = Text.SnakeCase(diagnosis.Health),
            ["message"] = diagnosis.Message,
        };
}
