using System.Globalization;
using System.Text;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Xen.Reports;
using XenBalloon.Xen.Store;
using XenBalloon.Xen.Tests.Rig;

namespace XenBalloon.Xen.Tests;

/// <summary>
/// Every parser of what guests write, with texts that were honest before they were changed at a few places. <c>make fuzz</c> tries 10 million for each;
/// FUZZ_INPUTS says how many.
/// </summary>
internal sealed class FuzzTests
{
    private const int Usual = 200_000, MostChanges = 6;

    private const string Favourites = "0123456789 =_-+.\n\t\0avkbz\u0661\u00ff";

    private static readonly KiB Most = new(1L << 40);

    private static readonly string[] Records =
    [
        "v=1 seq=17 uptime_ms=42747076 time_s=1795675900 total_kib=24684084 available_kib=23707092 free_kib=22130456 anon_kib=312292 file_kib=1716928 shmem_kib=176932 slab_kib=32060 swap_kib=1000 swapped_kib=10 committed_kib=1219648 balloon_kib=24684084 refaults=1802022 majfaults=14958 swapins=7 some_bp=12 some_us=345 full_bp=0 full_us=0 io_bp=10000",
        "v=1 total_kib=500 available_kib=100",
    ];

    private static readonly string[] Sizes = ["262144", "0", "999999999999999"];

    private static readonly string[] Paths = ["/vm/6a5e0a3c-0000-4000-8000-00000000abcd", "/vm/6a5e0a3c-0000-4000-8000-00000000abcd-1"];

    private static readonly Guid Domain = Guid.Parse("6a5e0a3c-0000-4000-8000-00000000abcd");

    private static int Inputs => int.Parse(Environment.GetEnvironmentVariable("FUZZ_INPUTS") ?? $"{Usual}", CultureInfo.InvariantCulture);

    [Test]
    public void Our_agents_record_makes_a_possible_report_or_none() => Try(Records, text => AgentReport.Parse(text, Most) is not { } said || IsPossible(said));

    [Test]
    public void Two_numbers_of_XenServers_make_a_possible_report_or_none() =>
        Try(Sizes, text => (XenServerReport.Parse(text, "100", Most) is not { } one || IsPossible(one)) && (XenServerReport.Parse("262144", text, Most) is not { } other || IsPossible(other)));

    [Test]
    public void A_number_of_Qubes_makes_a_possible_report_or_none() => Try(Sizes, text => QubesReport.Parse(text, Most) is not { } said || IsPossible(said));

    [Test]
    public void A_size_is_what_its_digits_say_or_none() =>
        Try(Sizes, text => DecimalText.ToSize(text) is not { } size || (text.All(char.IsAsciiDigit) && size == new KiB(long.Parse(text, CultureInfo.InvariantCulture))));

    [Test]
    public void A_path_names_a_domain_only_with_all_of_its_uuid() =>
        Try(Paths, text => !VmPath.Names(text, Domain) || text.StartsWith(Paths[0], StringComparison.OrdinalIgnoreCase));

    [Test]
    public void The_agents_own_parsers_touch_nothing_but_their_input()
    {
        Repository.Run("make", "-s", "-C", Repository.File("tests", "guest-agent"), $"OUT={AppContext.BaseDirectory}");
        string program = Path.Combine(AppContext.BaseDirectory, "guest-agent-fuzz"), inputs = $"{Inputs}";
        Assert.That(Repository.Run(program, inputs), Is.EqualTo($"{inputs} inputs"));
    }

    private static bool IsPossible(ReportedMemory said) =>
        said.Used >= KiB.Zero && said.Used <= Most && (said.Total is not { } total || (total > KiB.Zero && said.Used <= total && total <= Most))
        && (said.Vitals is not { } vitals || IsBounded(vitals, said.Total!.Value));

    private static bool IsBounded(GuestVitals vitals, KiB total) =>
        new[] { vitals.Free, vitals.Anonymous, vitals.FileCache, vitals.Shared }.All(part => !(part < KiB.Zero) && !(part > total))
        && new[] { vitals.SwapTotal, vitals.SwapUsed, vitals.Committed }.All(size => !(size < KiB.Zero))
        && new[] { vitals.MemorySome, vitals.IoSome }.All(part => !(part < 0)) // that none is more than all is for Plausibility to see
        && !(vitals.Uptime < TimeSpan.Zero) && !(vitals.MemorySomeTotal < TimeSpan.Zero);

    private static void Try(string[] honest, Func<string, bool> holds)
    {
        var random = new Random(20_261_126);
        var text = new StringBuilder();
        for (int input = 0; input < Inputs; input++)
        {
            text.Clear().Append(honest[random.Next(honest.Length)]);
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
                text.Insert(at, Favourites[random.Next(Favourites.Length)]);
                break;
            case 1 when at < text.Length:
                text[at] = Favourites[random.Next(Favourites.Length)];
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
