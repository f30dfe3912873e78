using System.Net;
using System.Net.Sockets;

namespace Segue.Lab.Servers;

internal static class FreePort
{
    // Below the ranges from which systems take ports for outgoing connections (Linux 32768+, others 49152+). Otherwise,
    // while a server restarts, a client that retries could be given the server's own port, connect to itself and block
    // the port.
    private const int First = 15_000;
    private const int Last = 32_000;

    public static int Find()
    {
        while (true)
        {
            int port = Random.Shared.Next(First, Last);
            try
            {
                using var probe = new TcpListener(IPAddress.Loopback, port);
                probe.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken: try another.
            }
        }
    }
}
