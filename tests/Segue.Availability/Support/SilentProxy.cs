using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Segue.Availability.Support;

/// <summary>A firewall between Segue and the server that can forget its connections: they stay open, and nothing comes through any more.</summary>
internal sealed class SilentProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly NpgsqlConnectionStringBuilder _target;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<TcpClient> _clients = [];
    private CancellationTokenSource _flow = new();
    private volatile bool _isCut;

    public SilentProxy(string connectionString)
    {
        _target = new NpgsqlConnectionStringBuilder(connectionString);
        _listener.Start();
        ConnectionString = new NpgsqlConnectionStringBuilder(connectionString)
        {
            Host = "127.0.0.1",
            Port = ((IPEndPoint)_listener.LocalEndpoint).Port,
            Timeout = 3,
            // Else the greeting is what gets no answer, and a request to cancel, which waits for the server to hang up, is never even sent.
            SslMode = SslMode.Disable,
        }.ConnectionString;
        _ = AcceptAsync();
    }

    public string ConnectionString { get; }

    /// <summary>Nothing passes any more on the connections there are; new ones work.</summary>
    public Task ForgetAsync()
    {
        CancellationTokenSource old = _flow;
        _flow = new CancellationTokenSource();
        return old.CancelAsync();
    }

    /// <summary>Nor on new ones, which can be made all the same.</summary>
    public Task CutAsync()
    {
        _isCut = true;
        return ForgetAsync();
    }

    /// <summary>New connections work again.</summary>
    public void Restore() => _isCut = false;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _flow.CancelAsync();
        _listener.Stop();
        foreach (TcpClient client in _clients)
        {
            client.Dispose();
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
                _clients.Add(client);
                if (_isCut)
                {
                    continue;
                }

                TcpClient server = new();
                _clients.Add(server);
                await server.ConnectAsync(_target.Host!, _target.Port, _stop.Token);
                _ = CopyAsync(client, server, _flow.Token);
                _ = CopyAsync(server, client, _flow.Token);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private static async Task CopyAsync(TcpClient from, TcpClient to, CancellationToken flow)
    {
        byte[] buffer = new byte[16 * 1024];
        try
        {
            while (await from.GetStream().ReadAsync(buffer, flow) is var read and > 0)
            {
                await to.GetStream().WriteAsync(buffer.AsMemory(0, read), flow);
            }

            to.Close();
        }
        catch (OperationCanceledException)
        {
            // Silent: both ends stay open.
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or InvalidOperationException)
        {
            to.Close();
        }
    }
}
