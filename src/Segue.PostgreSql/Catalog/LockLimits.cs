using Segue.Planning;

namespace Segue.PostgreSql.Catalog;

/// <summary>
/// Waiting times below what the server's <c>deadlock_timeout</c> allows: of two sessions that wait for each other the
/// one is cancelled that looks first after the
/// other's wait has closed the circle, and it must never be the app.
/// </summary>
internal static class LockLimits
{
    public static Limits Under(Limits wanted, int deadlockTimeoutMs) =>
        wanted with
        {
            LockTimeoutMs = Math.Clamp(wanted.LockTimeoutMs, 1, Math.Max(1, deadlockTimeoutMs / 2)),
            RowLockTimeoutMs = Math.Clamp(wanted.RowLockTimeoutMs, 1, Math.Max(1, deadlockTimeoutMs / 2)),
            // Long enough for our own look, which makes an autovacuum yield; over before an app that begins to wait
            // after that look takes its own.
            PatientLockTimeoutMs = Math.Clamp(wanted.PatientLockTimeoutMs, 1, Math.Max(1, deadlockTimeoutMs * 3 / 2)),
        };
}
