using Segue.Lab.Traffic;

namespace Segue.Cli.Demo;

/// <summary>
/// Rolls out the application that uses the currency: first it takes half of the requests beside the old one, then all
/// of them. The total number of requests stays the same.
/// </summary>
internal sealed class Deployment(TrafficRun traffic, OrdersWorkload workload, double rate)
{
    public async Task BeginAsync(CancellationToken cancel)
    {
        await traffic.AddAsync(workload.NewApp(rate / 2), cancel);
        SetRates(workload.OldApp(rate / 2));
    }

    public async Task EndAsync()
    {
        SetRates(workload.NewApp(rate));
        await traffic.RemoveAsync(OrdersWorkload.OldAppName);
    }

    private void SetRates(TrafficApp app)
    {
        foreach (TrafficClient client in app.Clients)
        {
            traffic.SetRate(app.Name, client.Name, client.Rate);
        }
    }
}
