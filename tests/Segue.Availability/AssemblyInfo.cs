// Latencies are measured here: two tests at a time would measure each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
