using System.Buffers.Text;
using System.Globalization;
using XenBalloon.Xen.Store;

namespace XenBalloon.Xen.Domains;

/// <summary>
/// Finds the domains that libxl is saving, sending or receiving, for any tool: for each domain it runs the program
/// <c>libxl-save-helper --save-domain FD FD DOMID …</c> or <c>--restore-domain FD FD DOMID …</c>
/// (libxl_save_callout.c). Neither Xen nor xenstore shows a migration.
/// </summary>
/// <param name="proc">Where the processes of dom0 are listed.</param>
/// <param name="clock">The clock of the snapshots.</param>
internal sealed class MigrationWatch(string proc, MonotonicClock clock)
{
    /// <summary>A dom0 that starts processes all the time is searched no more often than this.</summary>
    internal static readonly TimeSpan SearchInterval = TimeSpan.FromSeconds(1);

    private const int LongestLine = 512;

    /// <summary>The domain of each helper that runs, by its process.</summary>
    private readonly Dictionary<int, int> helpers = [];

    private TimeSpan? searchedAt;
    private int newestProcess;
    private bool isUnsettled = true;

    /// <summary>The number of searches so far.</summary>
    internal int Searches { get; private set; }

    /// <summary>Brings the watch up to date. While no process starts, that costs one small read.</summary>
    public void Update()
    {
        if (helpers.Count > 0) ForgetEnded();

        // The highest number so far, so that a process that starts during the search is found in the next one.
        int newest = NewestProcess();
        if (newest == newestProcess && !isUnsettled) return;
        if (clock.Now - searchedAt < SearchInterval) return;
        searchedAt = clock.Now;

        // A process that has just been forked has its parent's command line, so it is searched once more.
        (isUnsettled, newestProcess) = (newest != newestProcess, newest);
        Search();
    }

    /// <summary>Whether a helper saves, sends or receives this domain.</summary>
    public bool IsMoving(int domid) => helpers.ContainsValue(domid);

    private void ForgetEnded()
    {
        foreach ((int process, int domid) in helpers.ToList())
        {
            if (HelpedDomain(process) != domid) helpers.Remove(process);
        }
    }

    private void Search()
    {
        Searches++;
        try
        {
            foreach (string directory in Directory.EnumerateDirectories(proc))
            {
                ReadOnlySpan<char> name = Path.GetFileName(directory.AsSpan());
                if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int process)) continue;
                if (HelpedDomain(process) is { } domid) helpers[process] = domid;
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Without the list of processes, only the names of domains and announcements show a migration.
        }
    }

    /// <summary>The domain that a process handles; null if it is no helper, or has ended.</summary>
    private int? HelpedDomain(int process)
    {
        Span<byte> buffer = stackalloc byte[LongestLine];
        ReadOnlySpan<byte> line = Read(
            string.Create(CultureInfo.InvariantCulture, $"{proc}/{process}/cmdline"), buffer);
        if (!TakeArgument(ref line).EndsWith("libxl-save-helper"u8)) return null;
        ReadOnlySpan<byte> mode = TakeArgument(ref line);
        if (!mode.SequenceEqual("--save-domain"u8) && !mode.SequenceEqual("--restore-domain"u8)) return null;
        TakeArgument(ref line);
        TakeArgument(ref line);
        ReadOnlySpan<byte> domain = TakeArgument(ref line);
        return Utf8Parser.TryParse(domain, out int domid, out int used) && used == domain.Length ? domid : null;
    }

    /// <summary>The process that was created last: the fifth word of <c>loadavg</c>; 0 if unknown.</summary>
    private int NewestProcess()
    {
        Span<byte> buffer = stackalloc byte[LongestLine];
        ReadOnlySpan<byte> text = Read($"{proc}/loadavg", buffer).TrimEnd((byte)'\n');
        ReadOnlySpan<byte> last = text[(text.LastIndexOf((byte)' ') + 1)..];
        return Utf8Parser.TryParse(last, out int process, out _) ? process : 0;
    }

    /// <summary>The beginning of a file; empty if it cannot be read, as when its process has ended.</summary>
    private static ReadOnlySpan<byte> Read(string path, Span<byte> buffer)
    {
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            return buffer[..file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>The first of the arguments, each of which a NUL ends.</summary>
    private static ReadOnlySpan<byte> TakeArgument(ref ReadOnlySpan<byte> line)
    {
        int end = line.IndexOf((byte)0);
        ReadOnlySpan<byte> argument = end < 0 ? line : line[..end];
        line = end < 0 ? [] : line[(end + 1)..];
        return argument;
    }
}
