namespace Segue.Lab.Servers;

/// <summary>Where downloaded servers and prepared data directories are kept between runs.</summary>
internal static class LabCache
{
    private static readonly TimeSpan RetryLock = TimeSpan.FromMilliseconds(100);

    /// <summary><c>SEGUE_CACHE</c>, else <c>/var/cache/segue</c> for root, else the user's cache directory.</summary>
    public static string Directory
    {
        get
        {
            if (Variable("SEGUE_CACHE") is { } chosen)
                return Path.GetFullPath(chosen);
            if (OperatingSystem.IsWindows())
                return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "segue");

            // root's own home is not readable for the account that runs the server.
            if (Environment.IsPrivilegedProcess)
                return "/var/cache/segue";
            string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            return Path.Combine(Variable("XDG_CACHE_HOME") ?? Path.Combine(home, ".cache"), "segue");
        }
    }

    /// <summary>
    /// Creates <paramref name="directory"/> unless it exists: completely or not at all, by one process at a time.
    /// </summary>
    /// <param name="directory">A directory in the cache.</param>
    /// <param name="make">Fills the given empty directory.</param>
    /// <param name="cancellationToken">Ends the wait for another process, or the creation.</param>
    public static async Task EnsureAsync(string directory, Func<string, Task> make, CancellationToken cancellationToken)
    {
        if (System.IO.Directory.Exists(directory))
            return;

        CreateParent(directory);
        await using FileStream held = await LockAsync(directory + ".lock", cancellationToken);
        if (System.IO.Directory.Exists(directory))
            return;

        // A killed process may have left this half done; it is free, because we hold the lock.
        string partial = directory + ".partial";
        Remove(partial);
        try
        {
            System.IO.Directory.CreateDirectory(partial);
            await make(partial);
            System.IO.Directory.Move(partial, directory);
        }
        finally
        {
            Remove(partial);
        }
    }

    private static void Remove(string directory)
    {
        if (System.IO.Directory.Exists(directory))
            System.IO.Directory.Delete(directory, recursive: true);
    }

    private static void CreateParent(string directory)
    {
        string parent = Path.GetDirectoryName(directory)!;
        try
        {
            if (OperatingSystem.IsWindows())
                System.IO.Directory.CreateDirectory(parent);
            else
                System.IO.Directory.CreateDirectory(parent, FileModes.OpenDirectory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw NotWritable(parent, e);
        }
    }

    private static async Task<FileStream> LockAsync(string path, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                // The system frees the lock when its process ends, however it ends; so the file may stay.
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(path))
            {
                await Task.Delay(RetryLock, cancellationToken);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw NotWritable(path, e);
            }
        }
    }

    private static LabException NotWritable(string path, Exception e) =>
        new($"{path} cannot be written: {e.Message} Set SEGUE_CACHE to a directory that this user may write to.", e);

    private static string? Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
