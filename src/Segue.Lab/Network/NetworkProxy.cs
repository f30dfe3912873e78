using System.Net;
using System.Net.Sockets;
using System.Text;
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
    private volatile Place? _stopAt;
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

    /// <summary>
    /// Stops in the middle of the next message that contains <paramref name="message"/>, inside the last
    /// <paramref name="inside"/> of it: as if cut then, and both ends stay open.
    /// </summary>
    /// <returns>Ends when the network has stopped.</returns>
    public Task StopInsideAsync(string message, string inside)
    {
        Place place = new(message, inside);
        _stopAt = place;
        return place.Reached;
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
                _ = CopyAsync(client, server, bytes => Sent(turns, bytes), _flow.Token);
                _ = CopyAsync(
                    server,
                    client,
                    bytes =>
                    {
                        turns.IsAnswered = true;
                        return bytes.Length;
                    },
                    _flow.Token
                );
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

    /// <summary>How many of the bytes arrive.</summary>
    private int Sent(Turns turns, byte[] bytes)
    {
        if (turns.IsAnswered)
        {
            turns.IsAnswered = false;
            Interlocked.Increment(ref _roundTrips);
        }

        return _stopAt?.In(bytes) ?? bytes.Length;
    }

    private async Task CopyAsync(TcpClient from, TcpClient to, Func<byte[], int> arrived, CancellationToken flow)
    {
        Channel<(long Due, byte[] Bytes)> underway = Channel.CreateUnbounded<(long, byte[])>();
        Task delivering = DeliverAsync(underway.Reader, to, flow);
        byte[] buffer = new byte[BufferBytes];
        try
        {
            while (await from.GetStream().ReadAsync(buffer, flow) is var read and > 0)
            {
                byte[] bytes = buffer[..read];
                int arriving = arrived(bytes);
                underway.Writer.TryWrite(
                    (Environment.TickCount64 + (long)_oneWay.TotalMilliseconds, bytes[..arriving])
                );
                if (arriving < read)
                {
                    await StopAsync(underway.Writer, delivering);
                }
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

    private async Task StopAsync(ChannelWriter<(long Due, byte[] Bytes)> underway, Task delivering)
    {
        Place place = _stopAt!;
        _stopAt = null;
        underway.Complete();
        await delivering;
        await CutAsync();
        place.Reach();
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

    /// <summary>A place in a message at which the network stops.</summary>
    private sealed class Place(string message, string inside)
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Reached => _reached.Task;

        public void Reach() => _reached.SetResult();

        /// <summary>Null where the bytes do not contain the message.</summary>
        public int? In(ReadOnlySpan<byte> bytes) =>
            bytes.IndexOf(Encoding.UTF8.GetBytes(message)) >= 0
            && bytes.LastIndexOf(Encoding.UTF8.GetBytes(inside)) is var at and >= 0
                ? at + (inside.Length / 2)
                : null;
    }

    /// <summary>The next sender on a connection: the server has answered, or has not yet.</summary>
    private sealed class Turns
    {
        public volatile bool IsAnswered = true;
    }
}
