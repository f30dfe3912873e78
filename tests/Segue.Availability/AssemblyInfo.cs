// What dies and goes on again may do so beside another; what measures latencies is in the collection QuietMachine.
[assembly: CollectionBehavior(MaxParallelThreads = 2)]
