using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Files.Grammar.Loads;
using XenBalloon.Simulation.Guests;
using XenBalloon.Simulation.Loads;

namespace XenBalloon.Simulation.Files.Grammar;

/// <summary>The keys of the sections <c>[guest …]</c> and <c>[defaults]</c>.</summary>
internal static class GuestKeys
{
    private static readonly Form<DomainKind> Kind = Forms.Choice(("pv", DomainKind.Pv), ("hvm", DomainKind.Hvm));

    private static readonly Form<bool> YesNo = Forms.Choice(("yes", true), ("no", false));

    private static readonly Form<double> Overcommit = Forms.Number(0, 100);

    private static readonly Form<int> Weight = Forms.Whole(1, 1_000_000);

    /// <summary>A guest of which nothing has been said.</summary>
    public static GuestDescription Plain { get; } = new() { Name = "", BootMemory = KiB.Zero, StaticMax = KiB.Zero };

    /// <summary>The keys, in the order in which they are written.</summary>
    public static Vocabulary<GuestDescription> Vocabulary { get; } = new(
        Value("type", Kind, guest => guest.Kind, (guest, kind) => guest with { Kind = kind }),
        Value("memory", Forms.Size, guest => guest.BootMemory, (guest, memory) => guest with { BootMemory = memory }),
        Value("maxmem", Forms.Size, guest => guest.StaticMax, (guest, most) => guest with { StaticMax = most }),
        Optional("min", Forms.Size, guest => guest.Minimum, (guest, minimum) => guest with { Minimum = minimum }),
        Optional("max", Forms.Size, guest => guest.Maximum, (guest, maximum) => guest with { Maximum = maximum }),
        Value("weight", Weight, guest => guest.Weight, (guest, weight) => guest with { Weight = weight }),
        Value("populate-on-demand", YesNo, guest => guest.PopulatesOnDemand, (guest, populates) => guest with { PopulatesOnDemand = populates }),
        Value("offset", Forms.Size, guest => guest.Offset, (guest, offset) => guest with { Offset = offset }),
        Optional("kernel", Forms.Size, guest => guest.KernelOverhead, (guest, overhead) => guest with { KernelOverhead = overhead }),
        Value<Load>("anonymous", LoadForm.Any, guest => guest.Anonymous, (guest, load) => guest with { Anonymous = load }),
        Value<Load>("files", LoadForm.Any, guest => guest.Files, (guest, load) => guest with { Files = load }),
        Value("cache", CacheWords.Form, guest => guest.Cache, (guest, cache) => guest with { Cache = cache }),
        Value<Load>("cold", LoadForm.Any, guest => guest.Cold, (guest, load) => guest with { Cold = load }),
        Value<Load>("shared", LoadForm.Any, guest => guest.Shared, (guest, load) => guest with { Shared = load }),
        Value("overcommit", Overcommit, guest => guest.Overcommit, (guest, part) => guest with { Overcommit = part }),
        Value("swap", SwapWords.Form, guest => guest.Swap, (guest, swap) => guest with { Swap = swap }),
        Value("balloon", BalloonWords.Form, guest => guest.Balloon, (guest, balloon) => guest with { Balloon = balloon }),
        Value("report", ReportWords.Form, guest => guest.Reporting, (guest, reporting) => guest with { Reporting = reporting }),
        Optional("start", Forms.Time, guest => guest.CreatedAt, (guest, at) => guest with { CreatedAt = at }),
        Optional("patience", Forms.Time, guest => guest.Patience, (guest, patience) => guest with { Patience = patience }),
        Value("build", Forms.Time, guest => guest.BuildTime, (guest, time) => guest with { BuildTime = time }),
        Value("boot", Forms.Time, guest => guest.BootTime, (guest, time) => guest with { BootTime = time }),
        Entries.Many<GuestDescription, GuestEvent>("at", EventForm.Any, guest => guest.Events, (guest, events) => guest with { Events = events }));

    private static Entry<GuestDescription> Value<T>(string word, Form<T> form, Func<GuestDescription, T> get, Func<GuestDescription, T, GuestDescription> set) =>
        Entries.Value(word, form, get, set);

    private static Entry<GuestDescription> Optional<T>(string word, Form<T> form, Func<GuestDescription, T?> get, Func<GuestDescription, T?, GuestDescription> set)
        where T : struct => Entries.Optional(word, form, get, set);
}
