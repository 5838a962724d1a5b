/* Runs the SPIR-V of a bundle through Vulkan. All that is known of the kernel is in facts.h, which facts.py writes from the manifest:
 * the file, the entry point, the threads of a block, and where each argument stands in the push constants.
 *   main BUNDLE            prints what device ran it, and whether the result is right */
#include "facts.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vulkan/vulkan.h>

#define TRY(call)                                                                 \
    do {                                                                          \
        VkResult result_ = (call);                                                \
        if (result_ != VK_SUCCESS) {                                              \
            fprintf(stderr, "%s failed: %d\n", #call, (int)result_);              \
            exit(1);                                                              \
        }                                                                         \
    } while (0)

static VkPhysicalDevice gpu;
static VkDevice device;
static uint32_t family;

static void open_device(VkInstance instance) {
    uint32_t count = 1;
    VkResult found = vkEnumeratePhysicalDevices(instance, &count, &gpu);
    if ((found != VK_SUCCESS && found != VK_INCOMPLETE) || !count) {
        fprintf(stderr, "there is no Vulkan device\n");
        exit(2);
    }
    VkQueueFamilyProperties families[16];
    count = 16;
    vkGetPhysicalDeviceQueueFamilyProperties(gpu, &count, families);
    while (family + 1 < count && !(families[family].queueFlags & VK_QUEUE_COMPUTE_BIT)) family++;
    float priority = 1;
    VkDeviceQueueCreateInfo queue = {.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO, .queueFamilyIndex = family,
                                     .queueCount = 1, .pQueuePriorities = &priority};
    VkPhysicalDeviceVulkan12Features twelve = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES,
                                               .bufferDeviceAddress = VK_TRUE, .vulkanMemoryModel = VK_TRUE,
                                               .vulkanMemoryModelDeviceScope = VK_TRUE};
    VkPhysicalDeviceFeatures2 features = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2, .pNext = &twelve,
                                          .features = {.shaderInt64 = VK_TRUE}};
    VkDeviceCreateInfo info = {.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO, .pNext = &features,
                               .queueCreateInfoCount = 1, .pQueueCreateInfos = &queue};
    TRY(vkCreateDevice(gpu, &info, NULL, &device));
}

typedef struct {
    VkBuffer buffer;
    VkDeviceMemory memory;
    float *data;
    uint64_t address;
} Array;

static Array make_array(uint64_t count) {
    Array a = {0};
    VkBufferCreateInfo info = {.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO, .size = count * sizeof(float),
                               .usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT};
    TRY(vkCreateBuffer(device, &info, NULL, &a.buffer));
    VkMemoryRequirements needs;
    vkGetBufferMemoryRequirements(device, a.buffer, &needs);
    VkPhysicalDeviceMemoryProperties has;
    vkGetPhysicalDeviceMemoryProperties(gpu, &has);
    uint32_t type = 0, wanted = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
    while (!(needs.memoryTypeBits >> type & 1) || (has.memoryTypes[type].propertyFlags & wanted) != wanted) type++;
    VkMemoryAllocateFlagsInfo flags = {.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_FLAGS_INFO,
                                       .flags = VK_MEMORY_ALLOCATE_DEVICE_ADDRESS_BIT};
    VkMemoryAllocateInfo memory = {.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, .pNext = &flags,
                                   .allocationSize = needs.size, .memoryTypeIndex = type};
    TRY(vkAllocateMemory(device, &memory, NULL, &a.memory));
    TRY(vkBindBufferMemory(device, a.buffer, a.memory, 0));
    TRY(vkMapMemory(device, a.memory, 0, VK_WHOLE_SIZE, 0, (void **)&a.data));
    VkBufferDeviceAddressInfo where = {.sType = VK_STRUCTURE_TYPE_BUFFER_DEVICE_ADDRESS_INFO, .buffer = a.buffer};
    a.address = vkGetBufferDeviceAddress(device, &where);
    return a;
}

static void free_array(Array a) {
    vkDestroyBuffer(device, a.buffer, NULL);
    vkFreeMemory(device, a.memory, NULL);
}

static VkShaderModule load(const char *bundle) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", bundle, SPV_FILE);
    FILE *file = fopen(path, "rb");
    if (!file) {
        fprintf(stderr, "%s cannot be read\n", path);
        exit(1);
    }
    static uint32_t words[1 << 16];
    size_t bytes = fread(words, 1, sizeof words, file);
    fclose(file);
    VkShaderModuleCreateInfo info = {.sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO, .codeSize = bytes, .pCode = words};
    VkShaderModule module;
    TRY(vkCreateShaderModule(device, &info, NULL, &module));
    return module;
}

static void put(char *arguments, int at, const void *value, size_t size) { memcpy(arguments + at, value, size); }

int main(int count, char **given) {
    if (count != 2) {
        fprintf(stderr, "usage: %s BUNDLE\n", given[0]);
        return 1;
    }
    VkApplicationInfo application = {.sType = VK_STRUCTURE_TYPE_APPLICATION_INFO, .apiVersion = VK_API_VERSION_1_2};
    VkInstanceCreateInfo info = {.sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO, .pApplicationInfo = &application};
    VkInstance instance;
    TRY(vkCreateInstance(&info, NULL, &instance));
    open_device(instance);

    uint64_t n = 1000, stride = sizeof(float);
    float a = 2;
    Array x = make_array(n), y = make_array(n);
    for (uint64_t i = 0; i < n; i++) x.data[i] = (float)i, y.data[i] = 1;
    char arguments[ARGUMENT_BYTES] = {0};
    put(arguments, AT_A, &a, sizeof a);
    put(arguments, AT_X_DATA, &x.address, 8);
    put(arguments, AT_X_EXTENT0, &n, 8);
    put(arguments, AT_X_STRIDE0, &stride, 8);
    put(arguments, AT_Y_DATA, &y.address, 8);
    put(arguments, AT_Y_EXTENT0, &n, 8);
    put(arguments, AT_Y_STRIDE0, &stride, 8);
    uint64_t one = 1;
    put(arguments, AT_THREADS0, &n, 8);
    put(arguments, AT_THREADS1, &one, 8);
    put(arguments, AT_THREADS2, &one, 8);

    VkPushConstantRange range = {VK_SHADER_STAGE_COMPUTE_BIT, 0, ARGUMENT_BYTES};
    VkPipelineLayoutCreateInfo layout_info = {.sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO,
                                              .pushConstantRangeCount = 1, .pPushConstantRanges = &range};
    VkPipelineLayout layout;
    TRY(vkCreatePipelineLayout(device, &layout_info, NULL, &layout));
    VkShaderModule module = load(given[1]);
    VkComputePipelineCreateInfo pipeline_info = {
        .sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO, .layout = layout,
        .stage = {.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO, .stage = VK_SHADER_STAGE_COMPUTE_BIT,
                  .module = module, .pName = ENTRY}};
    VkPipeline pipeline;
    TRY(vkCreateComputePipelines(device, VK_NULL_HANDLE, 1, &pipeline_info, NULL, &pipeline));

    VkCommandPoolCreateInfo pool_info = {.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO, .queueFamilyIndex = family};
    VkCommandPool pool;
    TRY(vkCreateCommandPool(device, &pool_info, NULL, &pool));
    VkCommandBufferAllocateInfo commands_info = {.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO, .commandPool = pool,
                                                 .commandBufferCount = 1};
    VkCommandBuffer commands;
    TRY(vkAllocateCommandBuffers(device, &commands_info, &commands));
    VkCommandBufferBeginInfo begin = {.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO};
    TRY(vkBeginCommandBuffer(commands, &begin));
    vkCmdBindPipeline(commands, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline);
    vkCmdPushConstants(commands, layout, VK_SHADER_STAGE_COMPUTE_BIT, 0, ARGUMENT_BYTES, arguments);
    vkCmdDispatch(commands, (uint32_t)((n + THREADS_PER_BLOCK - 1) / THREADS_PER_BLOCK), 1, 1);
    TRY(vkEndCommandBuffer(commands));
    VkQueue queue;
    vkGetDeviceQueue(device, family, 0, &queue);
    VkSubmitInfo submit = {.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO, .commandBufferCount = 1, .pCommandBuffers = &commands};
    TRY(vkQueueSubmit(queue, 1, &submit, VK_NULL_HANDLE));
    TRY(vkQueueWaitIdle(queue));

    int right = 1;
    for (uint64_t i = 0; i < n; i++) right &= y.data[i] == 2 * x.data[i] + 1;
    VkPhysicalDeviceProperties properties;
    vkGetPhysicalDeviceProperties(gpu, &properties);
    printf("saxpy on %s: %s\n", properties.deviceName, right ? "right" : "WRONG");

    vkDestroyCommandPool(device, pool, NULL);
    vkDestroyPipeline(device, pipeline, NULL);
    vkDestroyShaderModule(device, module, NULL);
    vkDestroyPipelineLayout(device, layout, NULL);
    free_array(x);
    free_array(y);
    vkDestroyDevice(device, NULL);
    vkDestroyInstance(instance, NULL);
    return !right;
}
