using System.Globalization;
using System.Text;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Xen.Domains;
using XenBalloon.Xen.Store;
using XenBalloon.Xen.Tests.Rig;

namespace XenBalloon.Xen.Tests;

/// <summary>
/// Every parser of what guests write, with valid texts that were changed at a few places. <c>make fuzz</c> tries 10
/// million for each; FUZZ_INPUTS sets the number.
/// </summary>
internal sealed class FuzzTests
{
    private const int DefaultInputs = 200_000, MostChanges = 6;

    private const string Characters = "0123456789 =_-+.\n\t\0avkbz\u0661\u00ff";

    private static readonly KiB Maximum = new(1L << 40);

    private static readonly string[] Records =
    [
        "v=1 seq=17 uptime_ms=42747076 time_s=1795675900 total_kib=24684084 available_kib=23707092 free_kib=22130456 "
        + "anon_kib=312292 file_kib=1716928 shmem_kib=176932 slab_kib=32060 swap_kib=1000 swapped_kib=10 "
        + "committed_kib=1219648 balloon_kib=24684084 refaults=1802022 majfaults=14958 swapins=7 "
        + "oom_kills=2 some_bp=12 some_us=345 full_bp=0 full_us=0 io_bp=10000",
        "v=1 total_kib=500 available_kib=100",
    ];

    private static readonly string[] Sizes = ["262144", "0", "999999999999999"];

    private static readonly string[] Paths =
        ["/vm/6a5e0a3c-0000-4000-8000-00000000abcd", "/vm/6a5e0a3c-0000-4000-8000-00000000abcd-1"];

    private static readonly Guid Domain = Guid.Parse("6a5e0a3c-0000-4000-8000-00000000abcd");

    private static int Inputs => int.Parse(
        Environment.GetEnvironmentVariable("FUZZ_INPUTS") ?? $"{DefaultInputs}", CultureInfo.InvariantCulture);

    [Test]
    public void Agent_record_gives_a_possible_report_or_none() =>
        Try(Records, text => IsPossible(AgentReport.Parse(text, Maximum)));

    [Test]
    public void XenServer_numbers_give_a_possible_report_or_none() =>
        Try(Sizes, text => IsPossible(XenServerReport.Parse(text, "100", Maximum))
            && IsPossible(XenServerReport.Parse("262144", text, Maximum)));

    [Test]
    public void Qubes_number_gives_a_possible_report_or_none() =>
        Try(Sizes, text => IsPossible(QubesReport.Parse(text, Maximum)));

    [Test]
    public void Size_is_the_number_of_its_digits_or_none() =>
        Try(Sizes, text => DecimalText.ToSize(text) is not { } size
            || (text.All(char.IsAsciiDigit) && size == new KiB(long.Parse(text, CultureInfo.InvariantCulture))));

    [Test]
    public void Vm_path_matches_only_the_whole_uuid() =>
        Try(Paths, text => !VmPath.Matches(text, Domain)
            || text.StartsWith(Paths[0], StringComparison.OrdinalIgnoreCase));

    [Test]
    public void Parsers_of_the_agent_access_only_their_input()
    {
        Repository.Run("make", "-s", "-C", Repository.File("tests", "guest-agent"), $"OUT={AppContext.BaseDirectory}");
        string program = Path.Combine(AppContext.BaseDirectory, "guest-agent-fuzz"), inputs = $"{Inputs}";
        Assert.That(Repository.Run(program, inputs), Is.EqualTo($"{inputs} inputs"));
    }

    private static bool IsPossible(ReportedMemory? parsed)
    {
        if (parsed is not { } report) return true;
        if (report.Used < KiB.Zero || report.Used > Maximum) return false;
        if (report.Total is { } total && (total <= KiB.Zero || report.Used > total || total > Maximum)) return false;
        return report.Vitals is not { } vitals || IsBounded(vitals, report.Total!.Value);
    }

    // Ratios above 1 are rejected in XenBalloon.Core (Plausibility).
    private static bool IsBounded(GuestVitals vitals, KiB total)
    {
        KiB?[] parts = [vitals.Free, vitals.Anonymous, vitals.FileCache, vitals.Shared];
        KiB?[] sizes = [vitals.SwapTotal, vitals.SwapUsed, vitals.Committed];
        double?[] ratios = [vitals.MemorySome, vitals.IoSome];
        TimeSpan?[] times = [vitals.Uptime, vitals.MemorySomeTotal];
        return parts.All(part => !(part < KiB.Zero) && !(part > total))
            && sizes.All(size => !(size < KiB.Zero))
            && ratios.All(ratio => !(ratio < 0))
            && times.All(time => !(time < TimeSpan.Zero));
    }

    private static void Try(string[] valid, Func<string, bool> holds)
    {
        var random = new Random(20_261_126);
        var text = new StringBuilder();
        for (int input = 0; input < Inputs; input++)
        {
            text.Clear().Append(valid[random.Next(valid.Length)]);
            for (int change = random.Next(MostChanges); change > 0; change--) Change(text, random);
            string changed = text.ToString();
            if (!holds(changed)) Assert.Fail($"input {input}: {changed}");
        }
    }

    private static void Change(StringBuilder text, Random random)
    {
        int at = random.Next(text.Length + 1), span = Math.Min(random.Next(12), text.Length - at);
        switch (random.Next(5))
        {
            case 0:
                text.Insert(at, Characters[random.Next(Characters.Length)]);
                break;
            case 1 when at < text.Length:
                text[at] = Characters[random.Next(Characters.Length)];
                break;
            case 2:
                text.Remove(at, span);
                break;
            case 3:
                text.Insert(random.Next(text.Length + 1), text.ToString(at, span));
                break;
            case 4 when at < text.Length:
                text[at] = (char)random.Next(char.MaxValue + 1);
                break;
        }
    }
}
