// The tests wait for their servers half of the time.
[assembly: CollectionBehavior(MaxParallelThreads = 3)]
