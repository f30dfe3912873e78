using Segue.Cli;

using Signals signals = new();
return await new App(ProcessHost.Create()).RunAsync(args, signals.Stop);
