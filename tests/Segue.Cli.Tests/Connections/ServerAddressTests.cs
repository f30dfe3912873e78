using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Segue.Engines;
using Segue.Lab.Servers;
using Segue.PostgreSql.Addresses;
using Segue.Projects;
using Segue.Settings;
using Segue.Testing;

namespace Segue.Cli.Tests.Connections;

/// <summary>One server with TLS, passwords and a Unix socket, addressed in every way.</summary>
public sealed class ServerAddressTests(ServerAddressTests.Fixture server) : IClassFixture<ServerAddressTests.Fixture>
{
    [Theory]
    [InlineData("postgres:///postgres?host={dir}&port={port}&user=postgres")]
    [InlineData("postgres://postgres@{encodedDir}:{port}/postgres")]
    [InlineData("postgres://postgres@{encodedDir}:{port}/postgres?sslmode=require")]
    [InlineData("Host={dir};Port={port};Username=postgres;Database=postgres")]
    [InlineData("postgres://postgres@127.0.0.1:{port}/postgres?target_session_attrs=read-write")]
    [InlineData("postgres://postgres@127.0.0.1:{port}/postgres?target_session_attrs=any&load_balance_hosts=random")]
    [InlineData("postgres://postgres@127.0.0.1:1,127.0.0.1:{port}/postgres?target_session_attrs=primary")]
    [InlineData("postgres://secret:sesame@127.0.0.1:{port}/postgres")]
    [InlineData("postgres://postgres@127.0.0.1:{port}/postgres?sslmode=disable")]
    [InlineData("postgres://postgres@127.0.0.1:{port}/postgres?sslmode=allow")]
    [InlineData("postgres://postgres@127.0.0.1:{port}/postgres?sslmode=prefer")]
    [InlineData("postgres://postgres@127.0.0.1:{port}/postgres?sslmode=require")]
    [InlineData("postgres://postgres@127.0.0.1:{port}/postgres?sslmode=verify-ca&sslrootcert={cert}")]
    [InlineData("postgres://postgres@localhost:{port}/postgres?sslmode=verify-full&sslrootcert={cert}")]
    public async Task An_address_that_libpq_accepts_connects(string address)
    {
        Result<IEngine> result = await server.ConnectAsync(address);

        await using IEngine engine = result.ShouldBeOfType<Result<IEngine>.Good>($"{result}").Value;
        (await engine.Records.Ledger.ExistsAsync(CancellationToken.None)).ShouldBeFalse();
    }

    [Theory]
    [InlineData("postgres://secret@127.0.0.1:{port}/postgres", "asks user secret for a password, and none was given")]
    [InlineData("postgres://secret:wrong@127.0.0.1:{port}/postgres", "rejects user secret:")]
    [InlineData(
        "postgres://postgres@127.0.0.1:{port}/postgres?sslmode=verify-full",
        "no secure connection to 127.0.0.1"
    )]
    [InlineData(
        "postgres://postgres@127.0.0.1:{port}/postgres?sslmode=verify-full&sslrootcert={cert}",
        "no secure connection to 127.0.0.1"
    )]
    [InlineData(
        "postgres://postgres@127.0.0.1:{port}/postgres?sslmode=verify-ca&sslrootcert={dir}/none.pem",
        "a file that the address of"
    )]
    [InlineData(
        "postgres://postgres@127.0.0.1:{port}/postgres?sslmode=verify-ca&sslrootcert={garbage}",
        "a file that the address of"
    )]
    [InlineData("postgres://postgres@127.0.0.1:{plainPort}/postgres?sslmode=require", "does not offer TLS")]
    [InlineData(
        "postgres://postgres@127.0.0.1:{port}/postgres?target_session_attrs=standby",
        "selects a read-only server"
    )]
    [InlineData("postgres:///postgres?host={dir}/nowhere&user=postgres", "cannot reach")]
    public async Task A_connection_failure_is_explained(string address, string says)
    {
        Result<IEngine> result = await server.ConnectAsync(address);

        Failure failure = result.ShouldBeOfType<Result<IEngine>.Bad>().Failure;
        failure.Problems[0].What.ShouldContain(says);
        failure.Problems[0].Remedy.ShouldNotBeEmpty();
        $"{failure.Problems[0]}".ShouldNotContain("sesame");
    }

    public sealed class Fixture : IAsyncLifetime
    {
        private PostgresServer _server = null!;
        private PostgresServer _plain = null!;

        public async Task InitializeAsync()
        {
            _plain = await Postgres.ServerAsync(Postgres.Majors[^1]);
            _server = await PostgresServer.StartAsync(
                new PostgresServerOptions
                {
                    Major = Postgres.Majors[^1],
                    Settings = new Dictionary<string, string> { ["fsync"] = "off" },
                }
            );
            await _server.ExecuteAsync("CREATE ROLE secret LOGIN PASSWORD 'sesame'");
            await _server.ExecuteAsync($"ALTER SYSTEM SET unix_socket_directories = '{_server.DataDirectory}'");
            await _server.ExecuteAsync("ALTER SYSTEM SET ssl = on");
            string access = Path.Combine(_server.DataDirectory, "pg_hba.conf");
            File.WriteAllText(
                access,
                "local all all trust\nhost all secret 127.0.0.1/32 scram-sha-256\n"
                    + File.ReadAllText(access)
                    + "host all all ::1/128 trust\n"
            );
            await WriteCertificateAsync();
            await _server.RestartAsync();
        }

        public async Task DisposeAsync() => await _server.DisposeAsync();

        internal async Task<Result<IEngine>> ConnectAsync(string address)
        {
            string text = address
                .Replace("{dir}", _server.DataDirectory)
                .Replace("{encodedDir}", _server.DataDirectory.Replace("/", "%2F"))
                .Replace("{port}", $"{_server.Port}")
                .Replace("{plainPort}", $"{_plain.Port}")
                .Replace("{cert}", Path.Combine(_server.DataDirectory, "server.crt"))
                .Replace("{garbage}", Path.Combine(_server.DataDirectory, "postgresql.conf"));
            DatabaseChoice choice = new(SegueSettings.Default, KnownEngines.All, _ => null, "--database");
            return await choice
                .Resolve(text)
                .Match(
                    request => request.Engine.ConnectAsync(request, CancellationToken.None),
                    failure => Task.FromResult<Result<IEngine>>(failure)
                );
        }

        // The server insists on a key that it owns and nobody else can read: it writes the file itself.
        private async Task WriteCertificateAsync()
        {
            using RSA key = RSA.Create(2048);
            CertificateRequest request = new("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            SubjectAlternativeNameBuilder names = new();
            names.AddDnsName("localhost");
            request.CertificateExtensions.Add(names.Build());
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
            using X509Certificate2 certificate = request.CreateSelfSigned(
                DateTimeOffset.UtcNow.AddDays(-1),
                DateTimeOffset.UtcNow.AddDays(1)
            );
            string file = Path.Combine(_server.DataDirectory, "server.crt");
            await File.WriteAllTextAsync(file, certificate.ExportCertificatePem());
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(
                    file,
                    UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead
                );
            }

            string keyFile = Path.Combine(_server.DataDirectory, "server.key");
            await _server.ExecuteAsync(
                $"COPY (SELECT unnest(string_to_array('{key.ExportPkcs8PrivateKeyPem()}', E'\n'))) TO '{keyFile}'"
            );
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(keyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }
        }
    }
}
