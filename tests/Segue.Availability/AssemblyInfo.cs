// Tests wait for their servers and for Segue most of the time. What measures latencies is in the collection
// QuietMachine:
// it runs when all others are done, one at a time.
[assembly: CollectionBehavior(MaxParallelThreads = 4)]
