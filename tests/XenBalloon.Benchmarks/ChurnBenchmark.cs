using System.Diagnostics;
using System.Globalization;
using XenBalloon.Bus;
using XenBalloon.Bus.Client;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;

namespace XenBalloon.Benchmarks;

/// <summary>
/// Whether the published daemon, and the real xenstored, grow while domains, reports, clients, reservations, settings
/// and reloads come and go. Fits a line through what they use, and fails if it rises.
/// </summary>
internal static class ChurnBenchmark
{
    private const int Guests = 40;

    /// <summary>The most that may be added over the whole measurement.</summary>
    private const double MostMB = 2, MostCount = 2;

    private static readonly TimeSpan Round = TimeSpan.FromSeconds(1), SampleEvery = TimeSpan.FromSeconds(5);

    /// <summary>Measures and prints the slopes.</summary>
    /// <returns>The exit status: 1 if something grows.</returns>
    internal static int Run(double minutes)
    {
        TimeSpan time = TimeSpan.FromMinutes(minutes), warmUp = time * 0.25;
        using var churn = new Churn();
        Figure[] figures =
        [
            new("daemon RSS", "MB", MostMB, () => churn.Host.Daemon.ResidentMB),
            new("daemon GC heap", "MB", MostMB, () => churn.Host.HeapMB),
            new("daemon descriptors", "", MostCount, () => churn.Host.Daemon.Descriptors),
            new("daemon threads", "", MostCount, () => churn.Host.Daemon.Threads),
            new("xenstored RSS", "MB", MostMB, () => churn.Host.Xenstored.ResidentMB),
            new("xenstored descriptors", "", MostCount, () => churn.Host.Xenstored.Descriptors),
        ];
        long began = Stopwatch.GetTimestamp();
        TimeSpan sampleAt = warmUp;
        while (Stopwatch.GetElapsedTime(began) is var now && now < time)
        {
            churn.Go();
            if (now >= sampleAt)
            {
                foreach (Figure figure in figures) figure.Sample(now);
                sampleAt = now + SampleEvery;
            }

            TimeSpan rest = now + Round - Stopwatch.GetElapsedTime(began);
            if (rest > TimeSpan.Zero) Thread.Sleep(rest);
        }

        Console.WriteLine($"{churn}");
        Console.WriteLine($"measured for {(time - warmUp).TotalMinutes:0.#} of {time.TotalMinutes:0.#} minutes");
        Console.WriteLine("                          first      last      mean   per hour");
        foreach (Figure figure in figures) Console.WriteLine(figure);
        return figures.Any(figure => figure.Grows) ? 1 : 0;
    }

    /// <summary>Something that is sampled.</summary>
    private sealed record Figure(string Name, string Unit, double Most, Func<double> Read)
    {
        private readonly List<(double Hours, double Value)> samples = [];

        /// <summary>The slope of the line with the least squares.</summary>
        private double PerHour
        {
            get
            {
                double meanTime = samples.Average(each => each.Hours), mean = samples.Average(each => each.Value);
                double square = samples.Sum(each => Math.Pow(each.Hours - meanTime, 2));
                return samples.Sum(each => (each.Hours - meanTime) * (each.Value - mean)) / square;
            }
        }

        /// <summary>Whether the line rises by more than is allowed.</summary>
        internal bool Grows => PerHour * (samples[^1].Hours - samples[0].Hours) > Most;

        internal void Sample(TimeSpan at) => samples.Add((at.TotalHours, Read()));

        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"{Name,-22} {samples[0].Value,8:0.00}  {samples[^1].Value,8:0.00}  "
            + $"{samples.Average(each => each.Value),8:0.00}  {PerHour,9:+0.00;-0.00} {Unit}"
            + $"{(Grows ? "  GROWS" : "")}");
    }

    /// <summary>A host on which everything changes.</summary>
    private sealed class Churn : IDisposable
    {
        private readonly Random random = new(1);
        private readonly List<(int Domid, Guid Uuid, string Name)> guests = [];
        private readonly Dictionary<int, long> sizes = [];
        private readonly List<BalloonClient> clients = [];
        private int lastDomid, calls, refused, reloads;

        internal Churn()
        {
            for (int slot = 0; slot < Guests; slot++) Start(slot, new Guid(slot, 0, 1, new byte[8]));
            Direct();
        }

        internal ScaleHost Host { get; } = new(0);

        /// <summary>Makes a round of changes.</summary>
        internal void Go()
        {
            for (int i = 0; i < 2; i++) Replace(random.Next(Guests));
            Move();
            foreach ((int domid, _, _) in guests) Host.Report(domid);
            if (clients.Count > 4) Leave();
            BalloonClient client = BalloonClient.Connect(Host.BusAddress);
            clients.Add(client);
            Call(() => _ = client.Read());
            uint guest = (uint)guests[random.Next(Guests)].Domid;
            Call(() => client.Set(guest, Weight(), runtime: random.Next(2) == 0));
            Call(() =>
            {
                KiB size = KiB.FromMiB(random.Next(1, 64));
                var request = new ReservationRequest(
                    size, size, Within: TimeSpan.FromSeconds(10), ExpiresAfter: TimeSpan.FromSeconds(60));
                long id = client.Reserve(request);
                if (random.Next(2) == 0) client.Cancel(id);
            });
            if (random.Next(10) == 0) Call(() => client.Hold(guest));
            if (random.Next(10) == 0) Reload(client);
        }

        public void Dispose()
        {
            while (clients.Count > 0) Leave();
            Host.Dispose();
        }

        public override string ToString() =>
            $"{lastDomid} domains, {Host.Reports} reports, {calls} calls of {calls / 3} clients ({refused} refused), "
            + $"{reloads} reloads";

        /// <summary>A domain ends, and another of its name starts, now and then with a UUID of its own.</summary>
        private void Replace(int slot)
        {
            (int domid, Guid uuid, _) = guests[slot];
            sizes.Remove(domid);
            Start(slot, random.Next(16) == 0 ? Guid.NewGuid() : uuid);
            Direct();
            Host.Remove(domid);
        }

        private void Start(int slot, Guid uuid)
        {
            int domid = ++lastDomid;
            string name = $"guest{slot}";
            if (slot < guests.Count) guests[slot] = (domid, uuid, name);
            else guests.Add((domid, uuid, name));
            sizes[domid] = 524_288;
            Host.Create(domid, uuid, name);
        }

        /// <summary>All balloons arrive at their targets.</summary>
        private void Move()
        {
            foreach ((int domid, _, _) in guests)
            {
                string? target = Host.Read(domid, "memory/target");
                if (target is not null) sizes[domid] = long.Parse(target, CultureInfo.InvariantCulture);
            }

            Direct();
        }

        private void Direct() => Host.Direct(
            guests.OrderBy(guest => guest.Domid).Select(guest => (guest.Domid, guest.Uuid, sizes[guest.Domid])));

        private Dictionary<DomainSetting, long?> Weight() => new()
        {
            [DomainSetting.Weight] = random.Next(3) == 0 ? null : random.Next(50, 200),
        };

        private void Reload(BalloonClient client)
        {
            bool isValid = random.Next(4) > 0;
            string keepFree = isValid ? $"{random.Next(100, 900)}m" : "much";
            Host.Configure($"keep-free = {keepFree}");
            reloads++;
            Call(client.Reload);
        }

        private void Leave()
        {
            clients[0].Dispose();
            clients.RemoveAt(0);
        }

        /// <summary>A domain may have ended before the call, and a configuration may be invalid.</summary>
        private void Call(Action call)
        {
            calls++;
            try
            {
                call();
            }
            catch (ControlException)
            {
                refused++;
            }
        }
    }
}
