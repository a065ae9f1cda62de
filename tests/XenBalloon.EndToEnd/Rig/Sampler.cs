using System.Globalization;
using System.Text;

namespace XenBalloon.EndToEnd.Rig;

/// <summary>The sampler that runs in dom0: tests/rig/dom0/sampler.c.</summary>
internal sealed class Sampler
{
    private const string File = "/tmp/samples";
    private readonly XenHost host;
    private readonly string pid;

    private Sampler(XenHost host, string pid)
    {
        this.host = host;
        this.pid = pid;
    }

    public static async Task<Sampler> StartAsync(XenHost host) =>
        new(host, (await host.RunAsync($"sampler 500 > {File} 2>&1 & echo $!")).Trim());

    public async Task<Timeline> StopAsync()
    {
        await host.TryAsync($"kill {pid}");
        var lines = (await host.ReadFileAsync(File)).Split('\n');
        return new Timeline(lines.Select(Sample.Parse).OfType<Sample>());
    }
}

/// <summary>One domain at one moment. Sizes in KiB; null if a value was missing.</summary>
internal sealed record Sample(
    long Milliseconds,
    long HostFree,
    int Domid,
    long Actual,
    long MaxMem,
    long? Target,
    GuestStats? Stats)
{
    /// <summary>The memory in use: what the guest holds minus what it last reported as available.</summary>
    public long? Used => Actual - Stats?.AvailableKiB;

    /// <summary>Null for an incomplete line, such as the last one while the sampler writes.</summary>
    public static Sample? Parse(string line)
    {
        var fields = line.Split(' ', 7);
        if (fields.Length < 7)
            return null;
        return new Sample(
            Number(fields[0]) ?? 0,
            Number(fields[1]) ?? 0,
            (int)(Number(fields[2]) ?? 0),
            Number(fields[3]) ?? 0,
            Number(fields[4]) ?? 0,
            Number(fields[5]),
            GuestStats.Parse(fields[6]));
    }

    private static long? Number(string field) =>
        long.TryParse(field, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}

/// <summary>All samples of a test, in order of time.</summary>
internal sealed class Timeline(IEnumerable<Sample> samples)
{
    public IReadOnlyList<Sample> Samples { get; } = [.. samples];

    public IReadOnlyList<Sample> Of(Guest guest) => [.. Samples.Where(s => s.Domid == guest.Domid)];

    /// <summary>A table in MiB, a row about every <paramref name="seconds"/> seconds.</summary>
    public string Table(int seconds, params IReadOnlyList<Guest> guests)
    {
        var text = new StringBuilder("MiB: target/actual, available, swapped\n   t s  host free");
        foreach (var guest in guests)
            text.Append(CultureInfo.InvariantCulture, $"  {guest.Name,-26}");
        text.AppendLine();
        var next = 0L;
        foreach (var moment in Samples.GroupBy(s => s.Milliseconds))
        {
            var since = moment.Key - Samples[0].Milliseconds;
            if (since < next)
                continue;
            next = since + seconds * 1000;
            text.Append(CultureInfo.InvariantCulture, $"{since / 1000,6}  {moment.First().HostFree / 1024,9}");
            foreach (var guest in guests)
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"  {Cell(moment.FirstOrDefault(s => s.Domid == guest.Domid)),-26}");
            text.AppendLine();
        }
        return text.ToString();
    }

    private static string Cell(Sample? s) => s is null
        ? "gone"
        : string.Create(CultureInfo.InvariantCulture, $"{s.Target / 1024,4}/{s.Actual / 1024,-4} ")
            + string.Create(
                CultureInfo.InvariantCulture,
                $"{s.Stats?.AvailableKiB / 1024,5} {s.Stats?.SwappedKiB / 1024,5}");
}
