using System.Buffers.Binary;
using System.Text;
using CsCheck;
using XenBalloon.Cli.Toolstack;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Cli.Tests.Toolstack;

/// <summary>The output of <c>xl create -n</c> of Xen 4.17, without members that do not matter here.</summary>
internal sealed class LibxlConfigurationTests
{
    private const string Pvh = """
        { "c_info": { "type": "pvh", "name": "alpha", "uuid": "03352614-3636-41e0-b4f4-694405e382bb",
                      "run_hotplug_scripts": "True" },
          "b_info": { "max_vcpus": 2, "avail_vcpus": [ 0, 1 ], "max_memkb": 262144, "target_memkb": 131072,
                      "claim_mode": "True", "type.pvh": { } },
          "on_reboot": "restart" }
        """;

    private const string Hvm = """
        { "c_info": { "type": "hvm", "hap": "False", "name": "hvm1" },
          "b_info": { "max_vcpus": 4, "max_memkb": 1048576, "target_memkb": 524288, "video_memkb": 16384,
                      "shadow_memkb": 32768, "type.hvm": { "vga": { } } },
          "pcidevs": [ { "bus": 1, "vfunc_mask": 1 } ] }
        """;

    [Test]
    public void Members_are_read() => Assert.That(Read(Pvh), Is.EqualTo(new DomainConfiguration
    {
        Name = "alpha",
        Type = DomainKind.Hvm,
        Memory = KiB.FromMiB(128),
        MaxMem = KiB.FromMiB(256),
        Vcpus = 2,
    }));

    [Test]
    public void Paging_and_devices_are_read() => Assert.That(Read(Hvm), Is.EqualTo(new DomainConfiguration
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
    public void Omitted_members_have_the_defaults_of_libxl()
    {
        const string Shortest = """{ "c_info": { "type": "pv" }, "b_info": { } }""";

        Assert.That(Read(Shortest), Is.EqualTo(new DomainConfiguration
        {
            Name = "",
            Type = DomainKind.Pv,
            Memory = KiB.FromMiB(32),
            MaxMem = KiB.FromMiB(32),
            Vcpus = 1,
        }));
    }

    [TestCase(""" "device_model_stubdomain": "True", "video_memkb": 16384 """, 144)]
    [TestCase(""" "device_model_stubdomain": "True", "stubdomain_memkb": 32768 """, 32)]
    [TestCase(""" "device_model_stubdomain": "False" """, 0)]
    public void Device_model_domain_is_included(string members, int mib)
    {
        DomainConfiguration domain = Read($$"""{ "b_info": { {{members}} }, "c_info": { "type": "hvm" } }""");

        Assert.That(domain.DeviceModel, Is.EqualTo(KiB.FromMiB(mib)));
    }

    [TestCase("")]
    [TestCase("(domain)")]
    [TestCase("[]")]
    [TestCase("""{ "c_info": { "type": "vmware" } }""")]
    [TestCase("""{ "c_info": { "type": "pv" }, "b_info": { "max_memkb": -4 } }""")]
    [TestCase("""{ "c_info": { "type": "pv" }, "b_info": { "max_memkb": 1e40 } }""")]
    [TestCase("""{ "c_info": { "type": "pv" }, "b_info": { "max_vcpus": 99999999 } }""")]
    [TestCase("""{ "c_info": { "type": "pv", "name": 5 } }""")]
    public void Invalid_json_is_refused(string json) => Assert.That(
        () => Read(json),
        Throws.TypeOf<ToolstackException>()
            .With.Message.StartsWith("the output of xl contains no libxl configuration: "));

    [Test]
    public void Corrupt_data_is_read_or_refused()
    {
        Gen<int> position = Gen.Int[0, Hvm.Length - 1], length = Gen.Int[0, Hvm.Length];
        Gen.Select(position, Gen.Char.AlphaNumeric, length).Sample((at, letter, length) =>
        {
            string changed = string.Concat(Hvm.AsSpan(0, at), letter.ToString(), Hvm.AsSpan(at + 1))[..length];
            try
            {
                Read(changed);
            }
            catch (ToolstackException)
            {
                // No other exception is allowed.
            }
        });
    }

    private static DomainConfiguration Read(string json) =>
        LibxlConfiguration.Read(Encoding.UTF8.GetBytes(json), "the output of xl");
}

internal sealed class LibvirtDomainTests
{
    [Test]
    public void Sizes_are_read_with_their_units() => Assert.That(
        Read("""
            <domain type='xen'><name>web</name>
            <memory unit='GiB'>2</memory><currentMemory>524288</currentMemory><vcpu placement='static'>4</vcpu>
            <os><type arch='x86_64' machine='xenpvh'>xenpvh</type></os>
            <devices><hostdev mode='subsystem' type='pci'/></devices></domain>
            """),
        Is.EqualTo(new DomainConfiguration
        {
            Name = "web",
            Type = DomainKind.Hvm,
            Memory = KiB.FromMiB(512),
            MaxMem = KiB.FromMiB(2048),
            Vcpus = 4,
            HasPassthrough = true,
        }));

    [TestCase("<domain><memory unit='MB'>1024</memory><os><type>linux</type></os></domain>", 1_000_000, DomainKind.Pv)]
    [TestCase("<domain><memory unit='bytes'>1025</memory><os><type>hvm</type></os></domain>", 2, DomainKind.Hvm)]
    public void Omitted_elements_have_the_defaults_of_libvirt(string xml, int kib, DomainKind type)
    {
        DomainConfiguration domain = Read(xml);
        Assert.That((domain.Memory.Value, domain.MaxMem.Value), Is.EqualTo((kib, kib)));
        Assert.That((domain.Type, domain.Vcpus), Is.EqualTo((type, 1)));
    }

    [TestCase("", "is not libvirt's XML")]
    [TestCase("<domain>", "is not libvirt's XML")]
    [TestCase("<network/>", "not <network>")]
    [TestCase("<domain/>", "no <memory>")]
    [TestCase("<domain><memory unit='parsec'>4</memory></domain>", "'parsec'")]
    [TestCase("<domain><memory>-4</memory></domain>", "'-4'")]
    [TestCase("<domain><memory unit='TiB'>999999999999</memory></domain>", "expected a size")]
    [TestCase("<domain><memory>4</memory><vcpu>many</vcpu></domain>", "'many'")]
    [TestCase("<!DOCTYPE domain [<!ENTITY a 'a'>]><domain><name>&a;</name></domain>", "is not libvirt's XML")]
    public void Invalid_xml_is_refused_with_the_reason(string xml, string reason) =>
        Assert.That(() => Read(xml), Throws.TypeOf<ToolstackException>().With.Message.Contains(reason));

    private static DomainConfiguration Read(string xml) =>
        LibvirtDomain.Read(new MemoryStream(Encoding.UTF8.GetBytes(xml)));
}

internal sealed class SavedDomainTests
{
    [Test]
    public void Configuration_is_read_and_the_following_bytes_are_not()
    {
        byte[] saved = [.. SavedFile.Of(SavedFile.Configuration), 1, 2, 3];
        using var stream = new MemoryStream(saved);
        var read = new MemoryStream();

        DomainConfiguration domain = SavedDomain.Read(stream, "web.save", read);

        Assert.That((domain.Name, domain.Type), Is.EqualTo(("saved", DomainKind.Pv)));
        Assert.That((domain.Memory, domain.MaxMem), Is.EqualTo((KiB.FromMiB(96), KiB.FromMiB(160))));
        Assert.That(read.ToArray(), Is.EqualTo(saved[..^3]));
        Assert.That(stream.Position, Is.EqualTo(saved.Length - 3));
    }

    [Test]
    public void Truncated_file_is_refused_and_all_read_bytes_are_kept([Range(0, 300, 7)] int length)
    {
        byte[] cut = SavedFile.Of(SavedFile.Configuration)[..length];
        var read = new MemoryStream();

        Assert.That(
            () => SavedDomain.Read(new MemoryStream(cut), "web.save", read),
            Throws.TypeOf<ToolstackException>().With.Message.StartsWith("web.save "));
        Assert.That(read.ToArray(), Is.EqualTo(cut));
    }

    [Test]
    public void Corrupt_data_is_read_or_refused() => Gen.Select(Gen.Int[0, 300], Gen.Byte).Sample((at, value) =>
    {
        byte[] changed = SavedFile.Of(SavedFile.Configuration);
        changed[at] = value;
        try
        {
            SavedDomain.Read(new MemoryStream(changed), "web.save", new MemoryStream());
        }
        catch (ToolstackException)
        {
            // No other exception is allowed.
        }
    });

    [Test]
    public void File_of_xl_before_Xen_4_5_is_refused_with_the_reason()
    {
        using var saved = new MemoryStream(SavedFile.Of("name = 'old'", flags: 0));

        Assert.That(
            () => SavedDomain.Read(saved, "old.save", new MemoryStream()),
            Throws.TypeOf<ToolstackException>().With.Message.Contains("older than Xen 4.5"));
    }
}

/// <summary>The start of a domain saved by xl of Xen 4.17.</summary>
internal static class SavedFile
{
    internal const string Configuration = """
        { "c_info": { "type": "pv", "name": "saved", "uuid": "fdb4c811-e250-46f4-b7d3-2f816f1be080",
                      "run_hotplug_scripts": "True" },
          "b_info": { "max_vcpus": 1, "avail_vcpus": [ 0 ], "max_memkb": 163840, "target_memkb": 98304,
                      "video_memkb": 0, "sched_params": { "sched": "credit2", "weight": 256, "cap": 0 },
                      "claim_mode": "True", "type.pv": { } },
          "on_soft_reset": "soft_reset" }
        """;

    /// <summary>Makes a file.</summary>
    /// <param name="configuration">Its configuration.</param>
    /// <param name="flags">The flags in its header; 3 is JSON in a stream of version 2.</param>
    internal static byte[] Of(string configuration, uint flags = 3)
    {
        byte[] text = Encoding.UTF8.GetBytes(configuration + '\0');
        byte[] file = new byte[52 + text.Length];
        "Xen saved domain, xl format\n \0 \r"u8.CopyTo(file);
        uint[] numbers = [0x01020304, flags, 0, (uint)text.Length + 4, (uint)text.Length];
        for (int i = 0; i < numbers.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(32 + (4 * i)), numbers[i]);
        }

        text.CopyTo(file, 52);
        return file;
    }
}
