namespace Segue.Planning.Assembly;

/// <summary>Limits that were asked for and that this server does not allow.</summary>
internal static class CappedLimits
{
    public static IEnumerable<Hazard> Of(Limits wanted, Limits given)
    {
        (string Name, int Asked, int Allowed)[] limits =
        [
            ("lock_timeout", wanted.LockTimeoutMs, given.LockTimeoutMs),
            ("row_lock_timeout", wanted.RowLockTimeoutMs, given.RowLockTimeoutMs),
            ("patient_lock_timeout", AskedPatience(wanted), given.PatientLockTimeoutMs),
        ];
        return limits
            .Where(limit => limit.Allowed < limit.Asked)
            .Select(limit => Of(limit.Name, limit.Asked, limit.Allowed));
    }

    // Its default is more than a server allows, and nobody asked for it.
    private static int AskedPatience(Limits wanted) =>
        wanted.PatientLockTimeoutMs == Limits.Default.PatientLockTimeoutMs ? 0 : wanted.PatientLockTimeoutMs;

    private static Hazard Of(string name, int asked, int allowed) =>
        Hazard.Notice(
            "limit-capped",
            $"{name} is {Words(allowed)} in this plan instead of {Words(asked)}: if Segue waited longer in a deadlock, "
                + "the server might end the app's transaction."
        );

    private static string Words(int milliseconds) => Plain.Duration(TimeSpan.FromMilliseconds(milliseconds));
}
