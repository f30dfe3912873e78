using Segue.Planning;

namespace Segue.PostgreSql.Catalog;

/// <summary>
/// Limits waiting times by the server's <c>deadlock_timeout</c>. In a deadlock PostgreSQL cancels the session whose
/// <c>deadlock_timeout</c> expires first. Our waits are shorter than that, so it is never the app.
/// </summary>
internal static class LockLimits
{
    public static Limits Under(Limits wanted, int deadlockTimeoutMs) =>
        wanted with
        {
            LockTimeoutMs = Math.Clamp(wanted.LockTimeoutMs, 1, Math.Max(1, deadlockTimeoutMs / 2)),
            RowLockTimeoutMs = Math.Clamp(wanted.RowLockTimeoutMs, 1, Math.Max(1, deadlockTimeoutMs / 2)),
            // Long enough for our own deadlock check, which makes an autovacuum yield; over before an app that begins
            // to wait after that check runs its own.
            PatientLockTimeoutMs = Math.Clamp(wanted.PatientLockTimeoutMs, 1, Math.Max(1, deadlockTimeoutMs * 3 / 2)),
        };
}
