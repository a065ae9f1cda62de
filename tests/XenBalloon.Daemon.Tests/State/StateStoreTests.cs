using XenBalloon.Bus;
using XenBalloon.Daemon.State;

namespace XenBalloon.Daemon.Tests.State;

public sealed class StateStoreTests
{
    private StateFolder? folder;

    [SetUp]
    public void SetUp() => folder = new StateFolder();

    [TearDown]
    public void TearDown() => folder.Dispose();

    [Test]
    public void What_was_noted_is_read_by_the_next_daemon()
    {
        folder.Open().Note(Sample.State);

        Assert.That(Sameness.Told(folder.Open().Read()), Is.EqualTo(Sameness.Told(Sample.State)));
        Assert.That(folder.Log.Lines, Is.Empty);
        Assert.That(folder.Files(), Is.EqualTo(new[] { "state.json" }), "nothing is left beside it");
    }

    [Test]
    public void The_directory_is_made_where_no_service_manager_made_it_and_is_roots_alone()
    {
        folder.Open().Note(Sample.State);

        Assert.That(File.GetUnixFileMode(folder.Name), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
        Assert.That(File.GetUnixFileMode(folder.File), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Test]
    public void Without_a_file_nothing_is_known_and_nothing_is_said()
    {
        Assert.That(folder.Open().Read(), Is.SameAs(RememberedState.Nothing));
        Assert.That(folder.Log.Lines, Is.Empty);
    }

    [Test]
    public void Without_a_directory_nothing_is_kept()
    {
        var store = new StateStore(null, folder.Log);
        store.Keep(Sample.State);
        store.Note(Sample.State);

        Assert.That(store.Read(), Is.SameAs(RememberedState.Nothing));
    }

    [Test]
    public void What_says_nothing_new_is_not_written_again()
    {
        StateStore store = folder.Open();
        store.Note(Sample.State);
        File.Delete(folder.File);

        store.Note(Sample.State with { ClockStart = Sample.ClockStart.AddSeconds(1) });
        Assert.That(folder.Files(), Is.Empty);
        store.Note(Sample.State with { Overrides = RememberedState.Nothing.Overrides });
        Assert.That(folder.Files(), Is.EqualTo(new[] { "state.json" }));
    }

    [Test]
    public void A_full_disk_is_told_once_and_again_after_it_was_mended_and_the_old_file_stays_whole()
    {
        StateStore store = folder.Open();
        store.Note(Sample.State);
        byte[] before = File.ReadAllBytes(folder.File);
        FillDisk();
        RememberedState next = Sample.State with { Overrides = RememberedState.Nothing.Overrides };

        store.Note(next);
        store.Note(next);
        Assert.That(folder.Log.Lines, Has.Count.EqualTo(1));
        Assert.That(folder.Log.Lines[0], Does.Contain(folder.File).And.Contain("No space left on device").And.Contain("make room there"));
        Assert.That(File.ReadAllBytes(folder.File), Is.EqualTo(before));

        EmptyDisk();
        store.Note(next);
        Assert.That(folder.Log.Lines, Has.Count.EqualTo(2));
        Assert.That(folder.Log.Lines[1], Does.Contain("written again"));
        FillDisk();
        store.Note(Sample.State);
        Assert.That(folder.Log.Lines, Has.Count.EqualTo(3));
    }

    [Test]
    public void What_must_be_kept_and_cannot_be_is_refused_with_a_remedy_and_the_old_file_stays_whole()
    {
        StateStore store = folder.Open();
        store.Note(Sample.State);
        byte[] before = File.ReadAllBytes(folder.File);
        FillDisk();

        ControlException? refused = Assert.Throws<ControlException>(() => store.Keep(Sample.State with { Settings = Sample.State.Settings.Clear() }));

        Assert.That(refused!.Message, Does.Contain(folder.File).And.Contain("No space left on device").And.Contain("make room there, or set it until the daemon ends (--runtime)"));
        Assert.That(File.ReadAllBytes(folder.File), Is.EqualTo(before));
    }

    [Test]
    public void After_a_setting_could_be_kept_again_the_next_failure_is_told_of()
    {
        StateStore store = folder.Open();
        store.Note(Sample.State);
        RememberedState next = Sample.State with { Overrides = RememberedState.Nothing.Overrides };
        FillDisk();
        store.Note(next);
        EmptyDisk();
        store.Keep(next);
        FillDisk();

        store.Note(Sample.State);

        Assert.That(folder.Log.Lines.Count(line => line.Contains("No space left on device", StringComparison.Ordinal)), Is.EqualTo(2));
    }

    [Test]
    public void A_directory_that_cannot_be_is_told_of_and_refused()
    {
        File.WriteAllText(folder.Name, "a file where the directory should be");
        StateStore store = folder.Open();

        store.Note(Sample.State);
        Assert.That(folder.Log.Lines, Has.Count.EqualTo(1));
        Assert.That(() => store.Keep(Sample.State), Throws.InstanceOf<ControlException>());
    }

    /// <summary>What is written beside the file is written to a device that is always full.</summary>
    private void FillDisk() => File.CreateSymbolicLink(folder.File + ".new", "/dev/full");

    private void EmptyDisk() => File.Delete(folder.File + ".new");
}
