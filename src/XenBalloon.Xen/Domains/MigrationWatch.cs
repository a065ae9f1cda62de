using System.Buffers.Text;
using System.Globalization;
using XenBalloon.Posix;
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

    /// <summary>
    /// A process that has just been forked has its parent's command line. One that has run for longer than this starts
    /// no other program, so it is not read again.
    /// </summary>
    internal static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(10);

    private const int LongestLine = 512;

    /// <summary>The domain of each helper that runs, by its process.</summary>
    private readonly Dictionary<int, int> helpers = [];

    /// <summary>When each process that runs was first seen.</summary>
    private Dictionary<int, TimeSpan> seen = [];

    private TimeSpan? searchedAt;
    private int newestProcess;
    private bool isUnsettled = true;

    /// <summary>The number of searches so far.</summary>
    internal int Searches { get; private set; }

    /// <summary>The number of processes that these have read.</summary>
    internal int Reads { get; private set; }

    /// <summary>Brings the watch up to date. While no process starts, that costs one small read.</summary>
    public void Update()
    {
        if (helpers.Count > 0) ForgetEnded();

        // The highest number so far, so that a process that starts during the search is found in the next one.
        int newest = NewestProcess();
        if (newest == newestProcess && !isUnsettled) return;
        if (clock.Now - searchedAt < SearchInterval) return;
        searchedAt = clock.Now;

        // A process that has just been forked is read once more, even if no other starts.
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
            Dictionary<int, TimeSpan> before = seen;
            seen = new Dictionary<int, TimeSpan>(before.Count);
            TimeSpan now = clock.Now;
            foreach (string directory in Directory.EnumerateDirectories(proc))
            {
                ReadOnlySpan<char> name = Path.GetFileName(directory.AsSpan());
                if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int process)) continue;
                TimeSpan since = before.GetValueOrDefault(process, now);
                seen.Add(process, since);
                if (now - since > LongestStart) continue;
                Reads++;
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
    private static unsafe ReadOnlySpan<byte> Read(string path, Span<byte> buffer)
    {
        int file = Libc.Open(path, Libc.OpenReadOnly | Libc.OpenCloseOnExec);
        if (file < 0) return [];
        try
        {
            fixed (byte* start = buffer)
            {
                nint length = Libc.Read(file, start, (nuint)buffer.Length);
                return length < 0 ? [] : buffer[..(int)length];
            }
        }
        finally
        {
            _ = Libc.Close(file);
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
