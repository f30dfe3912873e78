namespace Segue.PostgreSql.Tests.AddColumn;

/// <summary>Settings that were judged: none changes what an expression means or gives.</summary>
internal static class HarmlessSettings
{
    /// <summary>
    /// How, how fast or by which plan a statement runs, what is logged, shown, counted or written to disk; limits and
    /// debugging.
    /// </summary>
    private static readonly string[] Families =
    [
        "enable_",
        "geqo",
        "cpu_",
        "jit",
        "log_",
        "debug_",
        "trace_",
        "track_",
        "tcp_",
        "vacuum_",
        "wal_",
        "min_parallel_",
        "max_parallel_",
        "parallel_",
        "default_transaction_",
        "transaction_",
        "commit_",
        "idle_",
        "gin_pending_",
        "effective_",
        "maintenance_",
        "backend_",
        "io_",
    ];

    private static readonly string[] Single =
    [
        "constraint_exclusion",
        "cursor_tuple_fraction",
        "default_statistics_target",
        "from_collapse_limit",
        "join_collapse_limit",
        "plan_cache_mode",
        "recursive_worktable_factor",
        "random_page_cost",
        "seq_page_cost",
        "hash_mem_multiplier",
        "logical_decoding_work_mem",
        "temp_buffers",
        "work_mem",
        "temp_file_limit",
        "max_stack_depth",
        "stats_fetch_consistency",
        "compute_query_id",
        "synchronize_seqscans",
        "synchronous_commit",
        "application_name",
        "update_process_title",
        "client_connection_check_interval",
        "client_min_messages",
        "file_copy_method",
        "force_parallel_mode",
        // What is created, checked or loaded where, and how it is stored.
        "check_function_bodies",
        "createrole_self_grant",
        "default_table_access_method",
        "default_tablespace",
        "default_toast_compression",
        "temp_tablespaces",
        "dynamic_library_path",
        "extension_control_path",
        "local_preload_libraries",
        "session_preload_libraries",
        "icu_validation_level",
        "allow_in_place_tablespaces",
        "allow_system_table_mods",
        "event_triggers",
        "lo_compat_privileges",
        "password_encryption",
        "scram_iterations",
        "md5_password_warnings",
        "restrict_nonsystem_relation_kind",
        "backtrace_functions",
        // An error is raised or not, or in another language; what fails leaves NULL.
        "deadlock_timeout",
        "lock_timeout",
        "statement_timeout",
        "ignore_checksum_failure",
        "zero_damaged_pages",
        "lc_messages",
        "escape_string_warning",
        // The text that reaches the app, not the value in the row.
        "client_encoding",
        // Set for the function itself (SyncFunction) or by the trigger's own state.
        "search_path",
        "exit_on_error",
        "row_security",
        "session_replication_role",
    ];

    public static bool Contains(string setting) =>
        Single.Contains(setting) || Families.Any(family => setting.StartsWith(family, StringComparison.Ordinal));
}
