using System.Text;
using CsCheck;
using XenBalloon.Cli.Toolstack;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Cli.Tests.Toolstack;

/// <summary>What xl of Xen 4.17 printed for <c>xl create -n</c>, shortened by what has no bearing.</summary>
internal sealed class LibxlConfigurationTests
{
    private const string Pvh = """
        { "c_info": { "type": "pvh", "name": "alpha", "uuid": "03352614-3636-41e0-b4f4-694405e382bb", "run_hotplug_scripts": "True" },
          "b_info": { "max_vcpus": 2, "avail_vcpus": [ 0, 1 ], "max_memkb": 262144, "target_memkb": 131072, "claim_mode": "True", "type.pvh": { } },
          "on_reboot": "restart" }
        """;

    private const string Hvm = """
        { "c_info": { "type": "hvm", "hap": "False", "name": "hvm1" },
          "b_info": { "max_vcpus": 4, "max_memkb": 1048576, "target_memkb": 524288, "video_memkb": 16384, "shadow_memkb": 32768, "type.hvm": { "vga": { } } },
          "pcidevs": [ { "bus": 1, "vfunc_mask": 1 } ] }
        """;

    [Test]
    public void What_is_said_is_read() => Assert.That(Read(Pvh), Is.EqualTo(new DomainConfiguration
    {
        Name = "alpha",
        Type = DomainKind.Hvm,
        Memory = KiB.FromMiB(128),
        MaxMem = KiB.FromMiB(256),
        Vcpus = 2,
    }));

    [Test]
    public void Paging_and_devices_are_read_where_they_are_said() => Assert.That(Read(Hvm), Is.EqualTo(new DomainConfiguration
    {
        Name = "hvm1",
        Type = DomainKind.Hvm,
        Memory = KiB.FromMiB(512),
        MaxMem = KiB.FromMiB(1024),
        Vcpus = 4,
        Paging = KiB.FromMiB(32),
        Hap = false,
        HasPassthrough = true,
    }));

    [Test]
    public void What_is_left_out_has_libxls_default() => Assert.That(Read("""{ "c_info": { "type": "pv" }, "b_info": { } }"""), Is.EqualTo(new DomainConfiguration
    {
        Name = "",
        Type = DomainKind.Pv,
        Memory = KiB.FromMiB(32),
        MaxMem = KiB.FromMiB(32),
        Vcpus = 1,
    }));

    [TestCase("""{ "b_info": { "device_model_stubdomain": "True", "video_memkb": 16384 }, "c_info": { "type": "hvm" } }""", 144)]
    [TestCase("""{ "b_info": { "device_model_stubdomain": "True", "stubdomain_memkb": 32768 }, "c_info": { "type": "hvm" } }""", 32)]
    [TestCase("""{ "b_info": { "device_model_stubdomain": "False" }, "c_info": { "type": "hvm" } }""", 0)]
    public void A_device_models_own_domain_counts(string json, int mib) => Assert.That(Read(json).DeviceModel, Is.EqualTo(KiB.FromMiB(mib)));

    [TestCase("")]
    [TestCase("(domain)")]
    [TestCase("[]")]
    [TestCase("""{ "c_info": { "type": "vmware" } }""")]
    [TestCase("""{ "c_info": { "type": "pv" }, "b_info": { "max_memkb": -4 } }""")]
    [TestCase("""{ "c_info": { "type": "pv" }, "b_info": { "max_memkb": 1e40 } }""")]
    [TestCase("""{ "c_info": { "type": "pv" }, "b_info": { "max_vcpus": 99999999 } }""")]
    [TestCase("""{ "c_info": { "type": "pv", "name": 5 } }""")]
    public void What_libxl_does_not_write_is_refused(string json) =>
        Assert.That(() => Read(json), Throws.TypeOf<ToolstackException>().With.Message.StartsWith("what xl prints contains no libxl configuration: "));

    [Test]
    public void Whatever_is_changed_in_it_it_is_read_or_refused() => Gen.Select(Gen.Int[0, Hvm.Length - 1], Gen.Char.AlphaNumeric, Gen.Int[0, Hvm.Length]).Sample((at, letter, length) =>
    {
        string changed = string.Concat(Hvm.AsSpan(0, at), letter.ToString(), Hvm.AsSpan(at + 1))[..length];
        try
        {
            Read(changed);
        }
        catch (ToolstackException)
        {
            // Which is all that may be thrown.
        }
    });

    private static DomainConfiguration Read(string json) => LibxlConfiguration.Read(Encoding.UTF8.GetBytes(json), "what xl prints");
}
