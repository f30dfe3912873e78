using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Npgsql;

namespace Segue.Lab.Network;

/// <summary>
/// A network between a client and the server: it delays, and can forget connections (they stay open, but nothing
/// arrives any more), refuse new ones or close them. It counts round trips.
/// </summary>
public sealed class NetworkProxy : IAsyncDisposable
{
    /// <summary>Larger than one message of a client, so that it is counted once.</summary>
    private const int BufferBytes = 256 * 1024;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly NpgsqlConnectionStringBuilder _target;
    private readonly TimeSpan _oneWay;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<TcpClient> _clients = [];
    private CancellationTokenSource _flow = new();
    private volatile bool _isCut;
    private long _roundTrips;

    /// <param name="roundTrip">Half of it is the way there, half the way back. Default none.</param>
    public NetworkProxy(string connectionString, TimeSpan roundTrip = default)
    {
        _oneWay = roundTrip / 2;
        _target = new NpgsqlConnectionStringBuilder(connectionString);
        _listener.Start();
        ConnectionString = new NpgsqlConnectionStringBuilder(connectionString)
        {
            Host = "127.0.0.1",
            Port = ((IPEndPoint)_listener.LocalEndpoint).Port,
            Timeout = 3,
            // Otherwise the greeting would get no answer, and a cancel request, which waits for the server to close,
            // would never be sent.
            SslMode = SslMode.Disable,
        }.ConnectionString;
        _ = AcceptAsync();
    }

    public string ConnectionString { get; }

    /// <summary>How often a client has sent something after it had read an answer, on all connections so far.</summary>
    public long RoundTrips => Interlocked.Read(ref _roundTrips);

    /// <summary>Nothing arrives any more on existing connections; new ones work.</summary>
    public Task ForgetAsync()
    {
        CancellationTokenSource old = _flow;
        _flow = new CancellationTokenSource();
        return old.CancelAsync();
    }

    /// <summary>Nothing arrives on new ones either, although they can be opened.</summary>
    public Task CutAsync()
    {
        _isCut = true;
        return ForgetAsync();
    }

    /// <summary>Both ends of every connection see it closed; new ones work.</summary>
    public async Task HangUpAsync()
    {
        await ForgetAsync();
        Close();
    }

    /// <summary>New connections work again.</summary>
    public void Restore() => _isCut = false;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _flow.CancelAsync();
        _listener.Stop();
        Close();
    }

    private void Close()
    {
        lock (_clients)
        {
            _clients.ForEach(client => client.Dispose());
            _clients.Clear();
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                TcpClient client = Kept(await _listener.AcceptTcpClientAsync(_stop.Token));
                if (_isCut)
                {
                    continue;
                }

                TcpClient server = Kept(new TcpClient());
                try
                {
                    await server.ConnectAsync(_target.Host!, _target.Port, _stop.Token);
                }
                catch (SocketException)
                {
                    // The server is down: this client sees the connection closed, the next one may find it up again.
                    client.Close();
                    continue;
                }

                Turns turns = new();
                _ = CopyAsync(client, server, () => Count(turns), _flow.Token);
                _ = CopyAsync(server, client, () => turns.IsAnswered = true, _flow.Token);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private TcpClient Kept(TcpClient client)
    {
        client.NoDelay = true;
        lock (_clients)
        {
            _clients.Add(client);
        }

        return client;
    }

    private void Count(Turns turns)
    {
        if (turns.IsAnswered)
        {
            turns.IsAnswered = false;
            Interlocked.Increment(ref _roundTrips);
        }
    }

    private async Task CopyAsync(TcpClient from, TcpClient to, Action arrived, CancellationToken flow)
    {
        Channel<(long Due, byte[] Bytes)> underway = Channel.CreateUnbounded<(long, byte[])>();
        Task delivering = DeliverAsync(underway.Reader, to, flow);
        byte[] buffer = new byte[BufferBytes];
        try
        {
            while (await from.GetStream().ReadAsync(buffer, flow) is var read and > 0)
            {
                arrived();
                underway.Writer.TryWrite((Environment.TickCount64 + (long)_oneWay.TotalMilliseconds, buffer[..read]));
            }

            underway.Writer.Complete();
            await delivering;
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
        finally
        {
            underway.Writer.TryComplete();
        }
    }

    private static async Task DeliverAsync(
        ChannelReader<(long Due, byte[] Bytes)> underway,
        TcpClient to,
        CancellationToken flow
    )
    {
        await foreach ((long due, byte[] bytes) in underway.ReadAllAsync(flow))
        {
            if (due - Environment.TickCount64 is var left and > 0)
            {
                await Task.Delay((int)left, flow);
            }

            await to.GetStream().WriteAsync(bytes, flow);
        }
    }

    /// <summary>The next sender on a connection: the server has answered, or has not yet.</summary>
    private sealed class Turns
    {
        public volatile bool IsAnswered = true;
    }
}
