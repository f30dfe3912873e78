namespace Segue.Changes;

/// <summary>One method per change kind, so an implementation handles them all.</summary>
public interface IOperationVisitor<out T>
{
    /// <summary>Visits <c>add_column</c>.</summary>
    T Visit(AddColumn operation);

    /// <summary>Visits <c>alter_column</c>.</summary>
    T Visit(AlterColumn operation);

    /// <summary>Visits <c>drop_column</c>.</summary>
    T Visit(DropColumn operation);

    /// <summary>Visits <c>rename_column</c>.</summary>
    T Visit(RenameColumn operation);

    /// <summary>Visits <c>create_index</c>.</summary>
    T Visit(CreateIndex operation);

    /// <summary>Visits <c>drop_index</c>.</summary>
    T Visit(DropIndex operation);

    /// <summary>Visits <c>rename_index</c>.</summary>
    T Visit(RenameIndex operation);

    /// <summary>Visits <c>replace_index</c>.</summary>
    T Visit(ReplaceIndex operation);

    /// <summary>Visits <c>reindex</c>.</summary>
    T Visit(Reindex operation);

    /// <summary>Visits <c>add_check</c>.</summary>
    T Visit(AddCheck operation);

    /// <summary>Visits <c>add_foreign_key</c>.</summary>
    T Visit(AddForeignKey operation);

    /// <summary>Visits <c>add_unique</c>.</summary>
    T Visit(AddUnique operation);

    /// <summary>Visits <c>add_primary_key</c>.</summary>
    T Visit(AddPrimaryKey operation);

    /// <summary>Visits <c>add_exclusion</c>.</summary>
    T Visit(AddExclusion operation);

    /// <summary>Visits <c>drop_constraint</c>.</summary>
    T Visit(DropConstraint operation);

    /// <summary>Visits <c>rename_constraint</c>.</summary>
    T Visit(RenameConstraint operation);

    /// <summary>Visits <c>backfill</c>.</summary>
    T Visit(BackfillRows operation);

    /// <summary>Visits <c>prune</c>.</summary>
    T Visit(PruneRows operation);

    /// <summary>Visits <c>sql</c>.</summary>
    T Visit(RawSql operation);

    /// <summary>Visits <c>create_enum</c>.</summary>
    T Visit(CreateEnumType operation);

    /// <summary>Visits <c>add_enum_value</c>.</summary>
    T Visit(AddEnumValue operation);

    /// <summary>Visits <c>rename_enum_value</c>.</summary>
    T Visit(RenameEnumValue operation);

    /// <summary>Visits <c>create_domain</c>.</summary>
    T Visit(CreateDomain operation);

    /// <summary>Visits <c>alter_domain</c>.</summary>
    T Visit(AlterDomain operation);

    /// <summary>Visits <c>set_options</c>.</summary>
    T Visit(SetOptions operation);

    /// <summary>Visits <c>attach_partition</c>.</summary>
    T Visit(AttachPartition operation);

    /// <summary>Visits <c>detach_partition</c>.</summary>
    T Visit(DetachPartition operation);

    /// <summary>Visits <c>create_table</c>.</summary>
    T Visit(CreateTable operation);

    /// <summary>Visits <c>rename_table</c>.</summary>
    T Visit(RenameTable operation);

    /// <summary>Visits <c>drop_table</c>.</summary>
    T Visit(DropTable operation);
}
