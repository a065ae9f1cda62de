using System.Text;
using Microsoft.Extensions.Time.Testing;
using XenBalloon.Xen.Store;
using XenBalloon.Xen.Watches;

namespace XenBalloon.Xen.Tests;

/// <summary>What an event of xenstore's marks.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class DirtySetTests
{
    private readonly DirtySet dirty = new(new MonotonicClock(new FakeTimeProvider()));
    private readonly DomainWatch watch;

    public DirtySetTests() => watch = dirty.Add(new DomainPaths(5));

    [TestCase("Target")]
    [TestCase("StaticMax")]
    [TestCase("Name")]
    public void The_first_event_of_a_toolstacks_leaf_may_stand_for_a_change(string name)
    {
        var leaf = Enum.Parse<WatchedLeaf>(name);
        Assert.That(Occurs(leaf), Is.EqualTo(WatchEffect.Changed));
        Assert.That(dirty.Take(watch, leaf), Is.Not.Null);
        Assert.That(dirty.Take(watch, leaf), Is.Null, "a mark is taken once");
    }

    [TestCase("AgentRecord")]
    [TestCase("MeminfoFree")]
    [TestCase("MeminfoUpdated")]
    [TestCase("QubesMeminfo")]
    public void What_a_guests_leaf_holds_at_its_first_event_is_of_unknown_age(string name)
    {
        var leaf = Enum.Parse<WatchedLeaf>(name);
        Assert.That((Occurs(leaf), dirty.Take(watch, leaf)), Is.EqualTo((WatchEffect.None, (TimeSpan?)null)));
        Assert.That(Occurs(leaf), Is.EqualTo(WatchEffect.Changed));
        Assert.That(dirty.Take(watch, leaf), Is.Not.Null);
    }

    [Test]
    public void A_node_below_a_leaf_is_not_the_leaf() =>
        Assert.That(dirty.Note(Encoding.ASCII.GetBytes("/local/domain/5/name/x"), watch.Token(WatchedLeaf.Name).Bytes, out _), Is.EqualTo(WatchEffect.None));

    private WatchEffect Occurs(WatchedLeaf leaf) => dirty.Note(watch.Path(leaf).Bytes, watch.Token(leaf).Bytes, out _);
}
