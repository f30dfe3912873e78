using Segue.Planning;
using Segue.PostgreSql.Catalog;

namespace Segue.PostgreSql.Planning.Columns;

/// <summary>Locks on the parents of foreign keys that a step creates or drops with their columns.</summary>
internal static class ParentLocks
{
    public static DdlStep LockParents(this DdlStep step, IReadOnlyList<Table> parents, string mode) =>
        step with
        {
            PatientLocks =
            [
                .. step.PatientLocks,
                .. parents
                    .Where(parent => parent.CanLock)
                    .Select(parent => Locks.Statement(parent.Sql, Locks.ShareUpdateExclusive)),
            ],
            Locks =
            [
                .. step.Locks,
                .. parents.Where(parent => parent.CanLock).SelectMany(parent => Locks.Statements(parent, mode)),
            ],
            Impact = step.Impact with
            {
                Locks = [.. step.Impact.Locks, .. parents.SelectMany(parent => Locks.OnAll(parent, mode))],
            },
        };
}
