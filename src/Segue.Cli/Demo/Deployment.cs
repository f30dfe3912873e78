using Segue.Lab.Traffic;

namespace Segue.Cli.Demo;

/// <summary>
/// Rolls out the new application: first it takes half of the requests beside the old one, then all
/// of them. The total number of requests stays the same.
/// </summary>
internal sealed class Deployment(TrafficRun traffic, OrdersWorkload workload, DemoOptions options)
{
    public async Task BeginAsync(CancellationToken cancel)
    {
        await traffic.AddAsync(After(options.Rate / 2.0), cancel);
        SetRates(workload.OldApp(options.Rate / 2.0));
    }

    public async Task EndAsync()
    {
        SetRates(After(options.Rate));
        await traffic.RemoveAsync(OrdersWorkload.OldAppName);
    }

    private TrafficApp After(double rate) => options.Change.AppAfter(workload, rate);

    private void SetRates(TrafficApp app)
    {
        foreach (TrafficClient client in app.Clients)
        {
            traffic.SetRate(app.Name, client.Name, client.Rate);
        }
    }
}
