using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;

namespace XenBalloon.Daemon.Tests.Faults;

/// <summary>Random requests of clients, with what they promise if they are accepted.</summary>
internal sealed class FaultRequests(FaultRun run, Random random)
{
    private static readonly string[] Owners = [":1.1", ":1.2", ":1.3", ":1.4"];

    private static readonly string[] Valid =
    [
        "mode = active", "mode = observe", "slack = 16m", "slack = 128m", "keep-free = 0m", "keep-free = 300m",
        "spare = lend", "spare = keep", "press-to-share = no", "override = adopt", "override = ignore",
        "policy = shares", "policy = proportional", "policy = static", "probing = yes", "pace = 0.5", "pace = 0",
        "interval = 1s", "interval = 20s", "stale-after = 1m", "headroom = 1", "headroom = 0", "idle-tax = 0",
    ];

    private static readonly string[] Invalid =
        ["mode = actif", "slack = much", "slack = 900g", "pace = 7", "slack = 1m\nslack = 2m", "unknown = 1"];

    private IReadOnlyList<DomainSnapshot> Domains => [.. run.Latest.Plan.Domains.Select(each => each.Domain)];

    internal void Reserve()
    {
        KiB minimum = KiB.FromMiB(random.Next(1, 1200));
        bool isPersistent = random.Next(2) == 0;
        var request = new ReservationRequest(
            minimum,
            minimum + KiB.FromMiB(random.Next(200)),
            AnyOwner(),
            isPersistent,
            random.Next(3) == 0 ? null : TimeSpan.FromSeconds(random.Next(90)),
            random.Next(2) == 0 ? "" : run.AnyName(random),
            random.Next(3) != 0 ? null : TimeSpan.FromSeconds(random.Next(1, 300)));
        long id = 0;
        run.Post($"reserve {request}", handler => id = handler.Reserve(request), accepted =>
        {
            if (accepted) run.Promises.Reserve(id, isPersistent, isSaved: !run.Disk.Fails);
        });
    }

    internal void Transfer()
    {
        (long id, DomainSnapshot domain) = (AnyReservation(), AnyDomain());
        run.Post($"transfer {id} to {domain.Name}", handler => handler.Transfer(id, domain.Identity.Domid));
    }

    internal void Cancel()
    {
        long id = AnyReservation();
        run.Post($"cancel {id}", handler => handler.Cancel(id));
    }

    internal void Set()
    {
        DomainSnapshot domain = AnyDomain();
        bool isTransient = random.Next(2) == 0;
        var changes = Enumerable.Range(0, random.Next(1, 3))
            .Select(_ => DomainSetting.All[random.Next(DomainSetting.All.Length)]).Distinct()
            .ToDictionary(setting => setting, setting => AnyValue(setting, domain));
        string text = string.Join(", ", changes.Select(change => $"{change.Key} {change.Key.Format(change.Value)}"));
        run.Post(
            $"set {domain.Name} {text}{(isTransient ? " --runtime" : "")}",
            handler =>
            {
                handler.SetDomain(domain.Identity, changes, isTransient);
                if (!isTransient) run.Promises.Request(domain, changes);
            },
            run.Promises.Answer);
    }

    internal void Unpin()
    {
        DomainSnapshot domain = AnyDomain();
        var changes = new Dictionary<DomainSetting, long?> { [DomainSetting.Pin] = null };
        run.Post(
            $"unpin {domain.Name}",
            handler =>
            {
                handler.Unpin(domain.Identity);
                run.Promises.Request(domain, changes);
            },
            run.Promises.Answer);
    }

    internal void SetMode()
    {
        // Only active is of interest for long.
        BalancerMode mode = random.Next(4) == 0 ? (BalancerMode)random.Next(3) : BalancerMode.Active;
        run.Post($"mode {mode}", handler => handler.SetMode(mode));
    }

    internal void SetPolicy()
    {
        PolicyKind policy = random.Next(3) == 0 ? (PolicyKind)random.Next(4) : PolicyKind.FairShare;
        run.Post($"policy {policy}", handler => handler.SetPolicy(policy));
    }

    internal void Restore()
    {
        TimeSpan limit = TimeSpan.FromSeconds(random.Next(1, 60));
        run.Post($"restore within {limit}", handler => handler.Restore(limit));
    }

    internal void Hold()
    {
        (DomainSnapshot domain, string owner) = (AnyDomain(), AnyOwner());
        run.Post(
            $"hold {domain.Name} for {owner}",
            handler =>
            {
                handler.Hold(domain.Identity, owner);
                run.Promises.Hold(domain.Identity, owner);
            });
    }

    internal void Release()
    {
        (DomainSnapshot domain, string owner) = (AnyDomain(), AnyOwner());
        run.Post(
            $"release {domain.Name} for {owner}",
            handler =>
            {
                handler.Release(domain.Identity, owner);
                run.Promises.Release(domain.Identity, owner);
            });
    }

    internal void OwnerLeft() => Leave(AnyOwner());

    /// <summary>All clients leave.</summary>
    internal void AllLeave()
    {
        foreach (string owner in Owners) Leave(owner);
    }

    internal void Reload()
    {
        var lines = Enumerable.Range(0, random.Next(4)).Select(_ => Valid[random.Next(Valid.Length)])
            .DistinctBy(line => line.Split(' ')[0]).Order().ToList();
        if (!lines.Exists(line => line.StartsWith("mode", default))) lines.Add("mode = active");
        string text = string.Join('\n', lines);
        run.Configure(text);
        run.Post($"reload with {string.Join(", ", lines)}", handler => handler.Reload(), accepted =>
        {
            if (!accepted) throw new FaultFoundException($"a valid configuration was refused: {text}");
        });
    }

    internal void ReloadInvalid()
    {
        string valid = run.Configuration, text = Invalid[random.Next(Invalid.Length)];
        run.Post($"reload with {text}", handler =>
        {
            run.Configure(text);
            try
            {
                handler.Reload();
            }
            finally
            {
                run.Configure(valid);
            }
        }, accepted =>
        {
            if (accepted) throw new FaultFoundException($"an invalid configuration was accepted: {text}");
        });
    }

    private void Leave(string owner) => run.Post($"{owner} leaves", handler =>
    {
        handler.OwnerLeft(owner);
        run.Promises.OwnerLeft(owner);
    });

    private long? AnyValue(DomainSetting setting, DomainSnapshot domain)
    {
        if (random.Next(2) == 0) return null;
        KiB most = domain.StaticMax ?? domain.MaxMem;
        return setting.Kind switch
        {
            SettingKind.Size => most.Times(random.NextDouble() * 1.1).Value,
            SettingKind.Count => random.Next(1, 500),
            _ => random.Next(2),
        };
    }

    private DomainSnapshot AnyDomain() => Domains[random.Next(Domains.Count)];

    private string AnyOwner() => Owners[random.Next(Owners.Length)];

    private long AnyReservation() => run.Latest.Reservations is { IsEmpty: false } open
        ? open[random.Next(open.Length)].Id
        : random.Next(5);
}
