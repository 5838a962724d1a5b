target datalayout = "e-m:e-i8:8:32-i16:16:32-i64:64-i128:128-n32:64-S128-Fn32"
target triple = "aarch64-unknown-linux-gnu"

%struct.Plan = type { i64, i64, i64, i32, i32, i32 }
%struct.Work = type { ptr, ptr, ptr, i64, i64 }
%struct.Param = type { i32, i32, i32, i32, i32, i32 }
%struct.Way = type { ptr, double, i64, i64, i64, i32, i32, i32, i32, i32, i32, [3 x i32], i32 }

@state = internal global i32 0, align 4
@handles = internal global [1024 x i64] zeroinitializer, align 8
@started = internal unnamed_addr global i64 0, align 8
@at_the_end = internal constant [1 x ptr] [ptr @KDSL_shutdown], section ".fini_array", align 8
@wanted = internal unnamed_addr global i32 0, align 4
@others_workers = internal unnamed_addr global i64 0, align 8
@others_context = internal unnamed_addr global ptr null, align 8
@others = internal unnamed_addr global ptr null, align 8
@KDSL_error_text.texts.rel = internal unnamed_addr constant [8 x i32] [i32 trunc (i64 sub (i64 ptrtoint (ptr @.str to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.1 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.2 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.3 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.4 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.5 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.6 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.7 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32)], align 4
@.str = private unnamed_addr constant [9 x i8] c"no error\00", align 1
@.str.1 = private unnamed_addr constant [62 x i8] c"a null pointer where an array, a shape or a value is expected\00", align 1
@.str.2 = private unnamed_addr constant [50 x i8] c"a grid, block or number of threads that cannot be\00", align 1
@.str.3 = private unnamed_addr constant [50 x i8] c"a negative extent, or an array larger than memory\00", align 1
@.str.4 = private unnamed_addr constant [40 x i8] c"an array whose elements are not aligned\00", align 1
@.str.5 = private unnamed_addr constant [51 x i8] c"an array to be written whose elements share memory\00", align 1
@.str.6 = private unnamed_addr constant [14 x i8] c"out of memory\00", align 1
@.str.7 = private unnamed_addr constant [27 x i8] c"no code for this processor\00", align 1
@.str.8 = private unnamed_addr constant [29 x i8] c"not an error of this library\00", align 1
@level_known = internal unnamed_addr global i32 0, align 4
@workers.registered = internal unnamed_addr global i1 false, align 4
@.str.9 = private unnamed_addr constant [17 x i8] c"KDSL_NUM_THREADS\00", align 1
@llvm.compiler.used = appending global [1 x ptr] [ptr @at_the_end], section "llvm.metadata"

; Function Attrs: nounwind
define void @KDSL_shutdown() #0 {
  %1 = cmpxchg ptr @state, i32 2, i32 1 acq_rel acquire, align 4
  %2 = extractvalue { i32, i1 } %1, 1
  br i1 %2, label %3, label %5

3:                                                ; preds = %0
  %4 = load i64, ptr @started, align 8, !tbaa !4
  tail call void @kdsl_pool_stop(ptr noundef nonnull @handles, i64 noundef %4) #10
  store i64 0, ptr @started, align 8, !tbaa !4
  store atomic i32 3, ptr @state release, align 4
  br label %5

5:                                                ; preds = %3, %0
  ret void
}

; Function Attrs: mustprogress nocallback nofree nosync nounwind willreturn memory(argmem: readwrite)
declare void @llvm.lifetime.start.p0(i64 immarg, ptr nocapture) #1

declare void @kdsl_pool_stop(ptr noundef, i64 noundef) local_unnamed_addr #2

; Function Attrs: mustprogress nocallback nofree nosync nounwind willreturn memory(argmem: readwrite)
declare void @llvm.lifetime.end.p0(i64 immarg, ptr nocapture) #1

; Function Attrs: mustprogress nofree norecurse nosync nounwind willreturn memory(write, argmem: none, inaccessiblemem: none)
define void @KDSL_set_threads(i32 noundef %0) local_unnamed_addr #3 {
  store i32 %0, ptr @wanted, align 4, !tbaa !8
  ret void
}

; Function Attrs: mustprogress nofree norecurse nosync nounwind willreturn memory(write, argmem: none, inaccessiblemem: none)
define void @KDSL_set_parallel(ptr noundef %0, ptr noundef %1, i32 noundef %2) local_unnamed_addr #3 {
  %4 = tail call i32 @llvm.smax.i32(i32 %2, i32 1)
  %5 = zext nneg i32 %4 to i64
  store i64 %5, ptr @others_workers, align 8, !tbaa !4
  store ptr %1, ptr @others_context, align 8, !tbaa !10
  store ptr %0, ptr @others, align 8, !tbaa !10
  ret void
}

; Function Attrs: nounwind
define i32 @KDSL_launch_kernel(ptr nocapture noundef readonly %0, ptr noundef readonly %1, ptr nocapture noundef readonly %2) local_unnamed_addr #0 {
  %4 = alloca [128 x i64], align 8
  %5 = alloca [128 x i64], align 8
  %6 = alloca %struct.Plan, align 8
  %7 = alloca [16 x i64], align 8
  %8 = alloca %struct.Work, align 8
  %9 = alloca [64 x i64], align 8
  %10 = alloca [512 x i64], align 8
  call void @llvm.lifetime.start.p0(i64 4096, ptr nonnull %10) #11
  %11 = icmp eq ptr %1, null
  br i1 %11, label %597, label %12

12:                                               ; preds = %3
  %13 = getelementptr inbounds i8, ptr %1, i64 24
  %14 = getelementptr inbounds i8, ptr %1, i64 48
  %15 = load i64, ptr %1, align 8, !tbaa !4
  %16 = load i64, ptr %13, align 8, !tbaa !4
  %17 = icmp slt i64 %15, 0
  %18 = add i64 %16, -1025
  %19 = icmp ult i64 %18, -1024
  %20 = select i1 %17, i1 true, i1 %19
  br i1 %20, label %597, label %71

21:                                               ; preds = %80
  %22 = getelementptr inbounds i8, ptr %1, i64 8
  %23 = load i64, ptr %22, align 8, !tbaa !4
  %24 = getelementptr inbounds i8, ptr %1, i64 32
  %25 = load i64, ptr %24, align 8, !tbaa !4
  %26 = icmp slt i64 %23, 0
  %27 = add i64 %25, -1025
  %28 = icmp ult i64 %27, -1024
  %29 = select i1 %26, i1 true, i1 %28
  br i1 %29, label %597, label %30

30:                                               ; preds = %21
  %31 = tail call { i64, i1 } @llvm.smul.with.overflow.i64(i64 %23, i64 %25)
  %32 = extractvalue { i64, i1 } %31, 1
  %33 = extractvalue { i64, i1 } %31, 0
  br i1 %32, label %597, label %34

34:                                               ; preds = %30
  %35 = getelementptr inbounds i8, ptr %1, i64 56
  %36 = load i64, ptr %35, align 8, !tbaa !4
  %37 = icmp slt i64 %36, 0
  %38 = icmp sgt i64 %36, %33
  %39 = select i1 %37, i1 true, i1 %38
  br i1 %39, label %597, label %40

40:                                               ; preds = %34
  %41 = icmp eq i64 %23, 0
  %42 = sext i1 %41 to i64
  %43 = sub nsw i64 %42, %25
  %44 = add i64 %43, %33
  %45 = icmp sgt i64 %36, %44
  br i1 %45, label %46, label %597

46:                                               ; preds = %40
  %47 = getelementptr inbounds i8, ptr %1, i64 16
  %48 = load i64, ptr %47, align 8, !tbaa !4
  %49 = getelementptr inbounds i8, ptr %1, i64 40
  %50 = load i64, ptr %49, align 8, !tbaa !4
  %51 = icmp slt i64 %48, 0
  %52 = add i64 %50, -1025
  %53 = icmp ult i64 %52, -1024
  %54 = select i1 %51, i1 true, i1 %53
  br i1 %54, label %597, label %55

55:                                               ; preds = %46
  %56 = tail call { i64, i1 } @llvm.smul.with.overflow.i64(i64 %48, i64 %50)
  %57 = extractvalue { i64, i1 } %56, 1
  %58 = extractvalue { i64, i1 } %56, 0
  br i1 %57, label %597, label %59

59:                                               ; preds = %55
  %60 = getelementptr inbounds i8, ptr %1, i64 64
  %61 = load i64, ptr %60, align 8, !tbaa !4
  %62 = icmp slt i64 %61, 0
  %63 = icmp sgt i64 %61, %58
  %64 = select i1 %62, i1 true, i1 %63
  br i1 %64, label %597, label %65

65:                                               ; preds = %59
  %66 = icmp eq i64 %48, 0
  %67 = sext i1 %66 to i64
  %68 = sub nsw i64 %67, %50
  %69 = add i64 %68, %58
  %70 = icmp sgt i64 %61, %69
  br i1 %70, label %86, label %597

71:                                               ; preds = %12
  %72 = tail call { i64, i1 } @llvm.smul.with.overflow.i64(i64 %15, i64 %16)
  %73 = extractvalue { i64, i1 } %72, 1
  %74 = extractvalue { i64, i1 } %72, 0
  br i1 %73, label %597, label %75

75:                                               ; preds = %71
  %76 = load i64, ptr %14, align 8, !tbaa !4
  %77 = icmp slt i64 %76, 0
  %78 = icmp sgt i64 %76, %74
  %79 = select i1 %77, i1 true, i1 %78
  br i1 %79, label %597, label %80

80:                                               ; preds = %75
  %81 = icmp eq i64 %15, 0
  %82 = sext i1 %81 to i64
  %83 = sub nsw i64 %82, %16
  %84 = add i64 %83, %74
  %85 = icmp sgt i64 %76, %84
  br i1 %85, label %21, label %597

86:                                               ; preds = %65
  %87 = mul nuw nsw i64 %25, %16
  %88 = mul nuw nsw i64 %87, %50
  %89 = icmp ugt i64 %88, 1024
  br i1 %89, label %597, label %90

90:                                               ; preds = %86
  %91 = getelementptr inbounds i8, ptr %0, i64 16
  %92 = load i32, ptr %91, align 8, !tbaa !12
  %93 = icmp sgt i32 %92, 0
  br i1 %93, label %94, label %310

94:                                               ; preds = %90
  %95 = load ptr, ptr %0, align 8, !tbaa !14
  %96 = zext nneg i32 %92 to i64
  br label %97

97:                                               ; preds = %94, %294
  %98 = phi i64 [ 0, %94 ], [ %298, %294 ]
  %99 = phi i32 [ 0, %94 ], [ %297, %294 ]
  %100 = phi i32 [ 0, %94 ], [ %295, %294 ]
  %101 = getelementptr inbounds %struct.Param, ptr %95, i64 %98
  %102 = load i32, ptr %101, align 4, !tbaa !15
  %103 = icmp eq i32 %102, 0
  %104 = getelementptr inbounds ptr, ptr %2, i64 %98
  %105 = load ptr, ptr %104, align 8, !tbaa !10
  br i1 %103, label %260, label %106

106:                                              ; preds = %97
  %107 = sext i32 %99 to i64
  %108 = getelementptr inbounds i64, ptr %10, i64 %107
  call void @llvm.lifetime.start.p0(i64 512, ptr nonnull %9) #11
  %109 = icmp eq ptr %105, null
  br i1 %109, label %300, label %110

110:                                              ; preds = %106
  %111 = getelementptr inbounds i8, ptr %101, i64 8
  %112 = load i32, ptr %111, align 4, !tbaa !17
  %113 = icmp eq i32 %112, 0
  br i1 %113, label %118, label %114

114:                                              ; preds = %110
  %115 = getelementptr inbounds i8, ptr %105, i64 8
  %116 = load ptr, ptr %115, align 8, !tbaa !18
  %117 = icmp eq ptr %116, null
  br i1 %117, label %300, label %118

118:                                              ; preds = %114, %110
  %119 = getelementptr inbounds i8, ptr %101, i64 4
  %120 = load i32, ptr %119, align 4, !tbaa !20
  %121 = sext i32 %120 to i64
  %122 = getelementptr inbounds i8, ptr %105, i64 8
  %123 = zext i32 %112 to i64
  br label %124

124:                                              ; preds = %136, %118
  %125 = phi i64 [ %128, %136 ], [ %123, %118 ]
  %126 = phi i64 [ %139, %136 ], [ 0, %118 ]
  %127 = phi i64 [ %144, %136 ], [ %121, %118 ]
  %128 = add nsw i64 %125, -1
  %129 = trunc nuw i64 %125 to i32
  %130 = icmp slt i32 %129, 1
  br i1 %130, label %145, label %131

131:                                              ; preds = %124
  %132 = load ptr, ptr %122, align 8, !tbaa !18
  %133 = getelementptr inbounds i64, ptr %132, i64 %128
  %134 = load i64, ptr %133, align 8, !tbaa !4
  %135 = icmp slt i64 %134, 0
  br i1 %135, label %304, label %136

136:                                              ; preds = %131
  %137 = icmp eq i64 %134, 0
  %138 = zext i1 %137 to i64
  %139 = or i64 %126, %138
  %140 = getelementptr inbounds [64 x i64], ptr %9, i64 0, i64 %128
  store i64 %127, ptr %140, align 8, !tbaa !4
  %141 = tail call i64 @llvm.umax.i64(i64 %134, i64 1)
  %142 = tail call { i64, i1 } @llvm.smul.with.overflow.i64(i64 %127, i64 %141)
  %143 = extractvalue { i64, i1 } %142, 1
  %144 = extractvalue { i64, i1 } %142, 0
  br i1 %143, label %304, label %124, !llvm.loop !21

145:                                              ; preds = %124
  %146 = getelementptr inbounds i8, ptr %105, i64 16
  %147 = load ptr, ptr %146, align 8, !tbaa !23
  %148 = icmp eq ptr %147, null
  %149 = select i1 %148, ptr %9, ptr %147
  %150 = load ptr, ptr %105, align 8, !tbaa !24
  %151 = icmp ne ptr %150, null
  %152 = icmp ne i64 %126, 0
  %153 = select i1 %151, i1 true, i1 %152
  br i1 %153, label %154, label %304

154:                                              ; preds = %145
  %155 = ptrtoint ptr %150 to i64
  %156 = getelementptr inbounds i8, ptr %101, i64 16
  %157 = load i32, ptr %156, align 4, !tbaa !25
  %158 = add nsw i32 %157, -1
  %159 = sext i32 %158 to i64
  %160 = and i64 %159, %155
  %161 = icmp eq i64 %160, 0
  br i1 %161, label %162, label %304

162:                                              ; preds = %154
  store i64 %155, ptr %108, align 8, !tbaa !4
  %163 = icmp sgt i32 %112, 0
  br i1 %163, label %164, label %183

164:                                              ; preds = %162
  %165 = load ptr, ptr %122, align 8, !tbaa !18
  %166 = getelementptr inbounds i64, ptr %108, i64 %123
  %167 = getelementptr inbounds i8, ptr %166, i64 8
  br label %168

168:                                              ; preds = %178, %164
  %169 = phi i64 [ 0, %164 ], [ %179, %178 ]
  %170 = getelementptr inbounds i64, ptr %165, i64 %169
  %171 = load i64, ptr %170, align 8, !tbaa !4
  %172 = icmp slt i64 %171, 2
  %173 = getelementptr inbounds i64, ptr %149, i64 %169
  %174 = load i64, ptr %173, align 8, !tbaa !4
  %175 = and i64 %174, %159
  %176 = icmp eq i64 %175, 0
  %177 = select i1 %172, i1 true, i1 %176
  br i1 %177, label %178, label %304

178:                                              ; preds = %168
  %179 = add nuw nsw i64 %169, 1
  %180 = getelementptr inbounds i64, ptr %108, i64 %179
  store i64 %171, ptr %180, align 8, !tbaa !4
  %181 = getelementptr inbounds i64, ptr %167, i64 %169
  store i64 %174, ptr %181, align 8, !tbaa !4
  %182 = icmp eq i64 %179, %123
  br i1 %182, label %183, label %168, !llvm.loop !26

183:                                              ; preds = %178, %162
  %184 = getelementptr inbounds i8, ptr %101, i64 12
  %185 = load i32, ptr %184, align 4, !tbaa !27
  %186 = icmp sgt i32 %185, -1
  br i1 %186, label %187, label %199

187:                                              ; preds = %183
  %188 = load ptr, ptr %122, align 8, !tbaa !18
  %189 = zext nneg i32 %185 to i64
  %190 = getelementptr inbounds i64, ptr %188, i64 %189
  %191 = load i64, ptr %190, align 8, !tbaa !4
  %192 = icmp sgt i64 %191, 1
  br i1 %192, label %193, label %199

193:                                              ; preds = %187
  %194 = getelementptr inbounds i64, ptr %149, i64 %189
  %195 = load i64, ptr %194, align 8, !tbaa !4
  %196 = icmp eq i64 %195, %121
  %197 = select i1 %196, i1 true, i1 %152
  %198 = select i1 %197, i32 %100, i32 1
  br label %199

199:                                              ; preds = %193, %187, %183
  %200 = phi i32 [ %100, %187 ], [ %100, %183 ], [ %198, %193 ]
  %201 = getelementptr inbounds i8, ptr %101, i64 20
  %202 = load i32, ptr %201, align 4, !tbaa !28
  %203 = icmp eq i32 %202, 0
  %204 = select i1 %203, i1 true, i1 %148
  %205 = select i1 %204, i1 true, i1 %152
  br i1 %205, label %257, label %206

206:                                              ; preds = %199
  %207 = load ptr, ptr %122, align 8, !tbaa !18
  br i1 %163, label %208, label %257

208:                                              ; preds = %206, %247
  %209 = phi i64 [ %254, %247 ], [ %121, %206 ]
  %210 = phi i32 [ %255, %247 ], [ 0, %206 ]
  %211 = phi i64 [ %249, %247 ], [ 0, %206 ]
  br label %214

212:                                              ; preds = %237
  %213 = icmp slt i32 %238, 0
  br i1 %213, label %257, label %241

214:                                              ; preds = %237, %208
  %215 = phi i64 [ 0, %208 ], [ %239, %237 ]
  %216 = phi i32 [ -1, %208 ], [ %238, %237 ]
  %217 = getelementptr inbounds i64, ptr %147, i64 %215
  %218 = load i64, ptr %217, align 8, !tbaa !4
  %219 = tail call i64 @llvm.abs.i64(i64 %218, i1 true)
  %220 = shl nuw i64 1, %215
  %221 = and i64 %220, %211
  %222 = icmp eq i64 %221, 0
  br i1 %222, label %223, label %237

223:                                              ; preds = %214
  %224 = getelementptr inbounds i64, ptr %207, i64 %215
  %225 = load i64, ptr %224, align 8, !tbaa !4
  %226 = icmp slt i64 %225, 2
  br i1 %226, label %237, label %227

227:                                              ; preds = %223
  %228 = icmp slt i32 %216, 0
  br i1 %228, label %235, label %229

229:                                              ; preds = %227
  %230 = zext nneg i32 %216 to i64
  %231 = getelementptr inbounds i64, ptr %147, i64 %230
  %232 = load i64, ptr %231, align 8, !tbaa !4
  %233 = tail call i64 @llvm.abs.i64(i64 %232, i1 true)
  %234 = icmp ult i64 %219, %233
  br i1 %234, label %235, label %237

235:                                              ; preds = %229, %227
  %236 = trunc nuw nsw i64 %215 to i32
  br label %237

237:                                              ; preds = %235, %229, %223, %214
  %238 = phi i32 [ %216, %223 ], [ %216, %214 ], [ %236, %235 ], [ %216, %229 ]
  %239 = add nuw nsw i64 %215, 1
  %240 = icmp eq i64 %239, %123
  br i1 %240, label %212, label %214, !llvm.loop !29

241:                                              ; preds = %212
  %242 = zext nneg i32 %238 to i64
  %243 = getelementptr inbounds i64, ptr %147, i64 %242
  %244 = load i64, ptr %243, align 8, !tbaa !4
  %245 = tail call i64 @llvm.abs.i64(i64 %244, i1 true)
  %246 = icmp slt i64 %245, %209
  br i1 %246, label %304, label %247

247:                                              ; preds = %241
  %248 = shl nuw i64 1, %242
  %249 = or i64 %248, %211
  %250 = getelementptr inbounds i64, ptr %207, i64 %242
  %251 = load i64, ptr %250, align 8, !tbaa !4
  %252 = add nsw i64 %251, -1
  %253 = mul nsw i64 %252, %245
  %254 = add nsw i64 %253, %209
  %255 = add nuw nsw i32 %210, 1
  %256 = icmp eq i32 %255, %112
  br i1 %256, label %257, label %208, !llvm.loop !30

257:                                              ; preds = %247, %212, %199, %206
  call void @llvm.lifetime.end.p0(i64 512, ptr nonnull %9) #11
  %258 = shl nsw i32 %112, 1
  %259 = or disjoint i32 %258, 1
  br label %294

260:                                              ; preds = %97
  %261 = icmp eq ptr %105, null
  br i1 %261, label %262, label %266

262:                                              ; preds = %260
  %263 = trunc nuw nsw i64 %98 to i32
  %264 = shl i32 %263, 8
  %265 = add i32 %264, 257
  br label %597

266:                                              ; preds = %260
  %267 = getelementptr inbounds i8, ptr %101, i64 4
  %268 = load i32, ptr %267, align 4, !tbaa !20
  %269 = add nsw i32 %268, 7
  %270 = sdiv i32 %269, 8
  %271 = icmp sgt i32 %268, 0
  br i1 %271, label %272, label %294

272:                                              ; preds = %266
  %273 = sext i32 %99 to i64
  %274 = tail call i32 @llvm.smax.i32(i32 %270, i32 1)
  %275 = zext nneg i32 %274 to i64
  br label %281

276:                                              ; preds = %281
  br i1 %271, label %277, label %294

277:                                              ; preds = %276
  %278 = sext i32 %99 to i64
  %279 = getelementptr inbounds i64, ptr %10, i64 %278
  %280 = zext nneg i32 %268 to i64
  br label %287

281:                                              ; preds = %272, %281
  %282 = phi i64 [ 0, %272 ], [ %285, %281 ]
  %283 = add nsw i64 %282, %273
  %284 = getelementptr inbounds [512 x i64], ptr %10, i64 0, i64 %283
  store i64 0, ptr %284, align 8, !tbaa !4
  %285 = add nuw nsw i64 %282, 1
  %286 = icmp eq i64 %285, %275
  br i1 %286, label %276, label %281, !llvm.loop !31

287:                                              ; preds = %277, %287
  %288 = phi i64 [ 0, %277 ], [ %292, %287 ]
  %289 = getelementptr inbounds i8, ptr %105, i64 %288
  %290 = load i8, ptr %289, align 1, !tbaa !32
  %291 = getelementptr inbounds i8, ptr %279, i64 %288
  store i8 %290, ptr %291, align 1, !tbaa !32
  %292 = add nuw nsw i64 %288, 1
  %293 = icmp ult i64 %292, %280
  br i1 %293, label %287, label %294, !llvm.loop !33

294:                                              ; preds = %287, %266, %276, %257
  %295 = phi i32 [ %200, %257 ], [ %100, %276 ], [ %100, %266 ], [ %100, %287 ]
  %296 = phi i32 [ %259, %257 ], [ %270, %276 ], [ %270, %266 ], [ %270, %287 ]
  %297 = add nsw i32 %296, %99
  %298 = add nuw nsw i64 %98, 1
  %299 = icmp eq i64 %298, %96
  br i1 %299, label %310, label %97, !llvm.loop !34

300:                                              ; preds = %106, %114
  %301 = trunc nuw nsw i64 %98 to i32
  call void @llvm.lifetime.end.p0(i64 512, ptr nonnull %9) #11
  %302 = shl i32 %301, 8
  %303 = add i32 %302, 257
  br label %597

304:                                              ; preds = %154, %145, %131, %136, %168, %241
  %305 = phi i32 [ 5, %241 ], [ 4, %168 ], [ 3, %136 ], [ 3, %131 ], [ 4, %154 ], [ 1, %145 ]
  %306 = trunc nuw nsw i64 %98 to i32
  call void @llvm.lifetime.end.p0(i64 512, ptr nonnull %9) #11
  %307 = shl i32 %306, 8
  %308 = add i32 %307, 256
  %309 = or disjoint i32 %305, %308
  br label %597

310:                                              ; preds = %294, %90
  %311 = phi i32 [ 0, %90 ], [ %295, %294 ]
  %312 = load atomic i32, ptr @level_known monotonic, align 4
  %313 = icmp eq i32 %312, 0
  br i1 %313, label %314, label %315

314:                                              ; preds = %310
  store atomic i32 2, ptr @level_known monotonic, align 4
  br label %315

315:                                              ; preds = %314, %310
  %316 = phi i32 [ %312, %310 ], [ 2, %314 ]
  %317 = getelementptr inbounds i8, ptr %0, i64 20
  %318 = load i32, ptr %317, align 4, !tbaa !35
  %319 = icmp sgt i32 %318, 0
  br i1 %319, label %320, label %597

320:                                              ; preds = %315
  %321 = icmp ne i64 %61, %58
  %322 = icmp ne i64 %76, %74
  %323 = icmp ne i64 %36, %33
  %324 = getelementptr inbounds i8, ptr %0, i64 8
  %325 = load ptr, ptr %324, align 8, !tbaa !36
  %326 = zext nneg i32 %318 to i64
  %327 = mul nuw nsw i64 %50, %25
  %328 = icmp sgt i64 %327, 1
  br label %329

329:                                              ; preds = %385, %320
  %330 = phi i64 [ 0, %320 ], [ %387, %385 ]
  %331 = phi ptr [ null, %320 ], [ %386, %385 ]
  %332 = getelementptr inbounds %struct.Way, ptr %325, i64 %330
  %333 = getelementptr inbounds i8, ptr %332, i64 40
  %334 = load i32, ptr %333, align 8, !tbaa !37
  %335 = icmp sgt i32 %334, %316
  br i1 %335, label %385, label %336

336:                                              ; preds = %329
  %337 = getelementptr inbounds i8, ptr %332, i64 44
  %338 = load i32, ptr %337, align 4, !tbaa !40
  %339 = icmp eq i32 %338, %311
  br i1 %339, label %340, label %385

340:                                              ; preds = %336
  %341 = icmp eq ptr %331, null
  br i1 %341, label %346, label %342

342:                                              ; preds = %340
  %343 = getelementptr inbounds i8, ptr %331, i64 40
  %344 = load i32, ptr %343, align 8, !tbaa !37
  %345 = icmp slt i32 %334, %344
  br i1 %345, label %391, label %346

346:                                              ; preds = %342, %340
  %347 = getelementptr inbounds i8, ptr %332, i64 60
  %348 = load i32, ptr %347, align 4, !tbaa !41
  %349 = icmp eq i32 %348, 0
  br i1 %349, label %358, label %350

350:                                              ; preds = %346
  %351 = getelementptr inbounds i8, ptr %332, i64 56
  %352 = load i32, ptr %351, align 8, !tbaa !42
  %353 = add nsw i32 %352, -1
  %354 = sext i32 %353 to i64
  %355 = and i64 %16, %354
  %356 = icmp ne i64 %355, 0
  %357 = select i1 %356, i1 %328, i1 false
  br label %358

358:                                              ; preds = %350, %346
  %359 = phi i1 [ false, %346 ], [ %357, %350 ]
  %360 = zext i1 %359 to i32
  %361 = getelementptr inbounds i8, ptr %332, i64 48
  %362 = load i32, ptr %361, align 8, !tbaa !43
  %363 = icmp eq i32 %362, %360
  br i1 %363, label %364, label %385

364:                                              ; preds = %358
  %365 = getelementptr inbounds i8, ptr %332, i64 64
  %366 = load i32, ptr %365, align 8, !tbaa !8
  %367 = icmp eq i32 %366, 0
  %368 = select i1 %367, i1 true, i1 %321
  %369 = select i1 %368, i1 true, i1 %323
  %370 = select i1 %369, i1 true, i1 %322
  %371 = select i1 %367, ptr %332, ptr %331
  br i1 %370, label %385, label %372

372:                                              ; preds = %364
  %373 = sext i32 %366 to i64
  %374 = icmp eq i64 %16, %373
  br i1 %374, label %375, label %385

375:                                              ; preds = %372
  %376 = getelementptr inbounds i8, ptr %332, i64 68
  %377 = load i32, ptr %376, align 4, !tbaa !8
  %378 = sext i32 %377 to i64
  %379 = icmp eq i64 %25, %378
  br i1 %379, label %380, label %385

380:                                              ; preds = %375
  %381 = getelementptr inbounds i8, ptr %332, i64 72
  %382 = load i32, ptr %381, align 8, !tbaa !8
  %383 = sext i32 %382 to i64
  %384 = icmp eq i64 %50, %383
  br i1 %384, label %391, label %385

385:                                              ; preds = %380, %375, %372, %364, %358, %336, %329
  %386 = phi ptr [ %331, %380 ], [ %371, %364 ], [ %331, %372 ], [ %331, %375 ], [ %331, %358 ], [ %331, %329 ], [ %331, %336 ]
  %387 = add nuw nsw i64 %330, 1
  %388 = icmp eq i64 %387, %326
  br i1 %388, label %389, label %329, !llvm.loop !44

389:                                              ; preds = %385
  %390 = icmp eq ptr %386, null
  br i1 %390, label %597, label %391

391:                                              ; preds = %380, %342, %389
  %392 = phi ptr [ %386, %389 ], [ %331, %342 ], [ %332, %380 ]
  %393 = icmp eq i64 %76, 0
  %394 = icmp eq i64 %36, 0
  %395 = or i1 %393, %394
  %396 = icmp eq i64 %61, 0
  %397 = or i1 %395, %396
  br i1 %397, label %597, label %398

398:                                              ; preds = %391
  call void @llvm.lifetime.start.p0(i64 40, ptr nonnull %6) #11
  call fastcc void @make_plan(ptr dead_on_unwind nonnull writable sret(%struct.Plan) align 8 %6, ptr noundef nonnull readonly %392, ptr noundef nonnull readonly %1, i64 noundef 1) #12
  %399 = getelementptr inbounds i8, ptr %6, i64 28
  %400 = load i32, ptr %399, align 4, !tbaa !45
  %401 = icmp eq i32 %400, 0
  br i1 %401, label %402, label %497

402:                                              ; preds = %398
  %403 = load ptr, ptr @others, align 8, !tbaa !10
  %404 = icmp eq ptr %403, null
  br i1 %404, label %407, label %405

405:                                              ; preds = %402
  %406 = load i64, ptr @others_workers, align 8, !tbaa !4
  br label %493

407:                                              ; preds = %402
  %408 = cmpxchg ptr @state, i32 0, i32 1 acq_rel acquire, align 4
  %409 = extractvalue { i32, i1 } %408, 1
  br i1 %409, label %410, label %488

410:                                              ; preds = %407
  %411 = load i32, ptr @wanted, align 4, !tbaa !8
  %412 = icmp sgt i32 %411, 0
  br i1 %412, label %413, label %415

413:                                              ; preds = %410
  %414 = zext nneg i32 %411 to i64
  br label %455

415:                                              ; preds = %410
  %416 = tail call ptr @getenv(ptr noundef nonnull @.str.9) #10
  %417 = icmp eq ptr %416, null
  br i1 %417, label %440, label %418

418:                                              ; preds = %415
  %419 = load i8, ptr %416, align 1, !tbaa !32
  %420 = icmp ugt i8 %419, 47
  br i1 %420, label %421, label %440

421:                                              ; preds = %418, %428
  %422 = phi i8 [ %435, %428 ], [ %419, %418 ]
  %423 = phi ptr [ %431, %428 ], [ %416, %418 ]
  %424 = phi i64 [ %434, %428 ], [ 0, %418 ]
  %425 = icmp ult i8 %422, 58
  %426 = icmp slt i64 %424, 1024
  %427 = select i1 %425, i1 %426, i1 false
  br i1 %427, label %428, label %437

428:                                              ; preds = %421
  %429 = zext nneg i8 %422 to i64
  %430 = mul nsw i64 %424, 10
  %431 = getelementptr inbounds i8, ptr %423, i64 1
  %432 = add nuw nsw i64 %429, 4294967248
  %433 = and i64 %432, 4294967295
  %434 = add nsw i64 %433, %430
  %435 = load i8, ptr %431, align 1, !tbaa !32
  %436 = icmp ugt i8 %435, 47
  br i1 %436, label %421, label %437

437:                                              ; preds = %428, %421
  %438 = phi i64 [ %434, %428 ], [ %424, %421 ]
  %439 = icmp sgt i64 %438, 0
  br i1 %439, label %455, label %440

440:                                              ; preds = %437, %418, %415
  call void @llvm.lifetime.start.p0(i64 1024, ptr nonnull %5) #11
  call void @llvm.memset.p0.i64(ptr noundef nonnull align 8 dereferenceable(1024) %5, i8 0, i64 1024, i1 false)
  %441 = call i32 @sched_getaffinity(i32 noundef 0, i64 noundef 1024, ptr noundef nonnull %5) #10
  %442 = icmp sgt i32 %441, -1
  br i1 %442, label %443, label %452

443:                                              ; preds = %440, %443
  %444 = phi i64 [ %450, %443 ], [ 0, %440 ]
  %445 = phi i64 [ %449, %443 ], [ 0, %440 ]
  %446 = getelementptr inbounds [128 x i64], ptr %5, i64 0, i64 %444
  %447 = load i64, ptr %446, align 8, !tbaa !4
  %448 = call range(i64 0, 65) i64 @llvm.ctpop.i64(i64 %447)
  %449 = add nuw nsw i64 %448, %445
  %450 = add nuw nsw i64 %444, 1
  %451 = icmp eq i64 %450, 128
  br i1 %451, label %452, label %443, !llvm.loop !47

452:                                              ; preds = %443, %440
  %453 = phi i64 [ 0, %440 ], [ %449, %443 ]
  %454 = call i64 @llvm.smax.i64(i64 %453, i64 1)
  call void @llvm.lifetime.end.p0(i64 1024, ptr nonnull %5) #11
  br label %455

455:                                              ; preds = %452, %437, %413
  %456 = phi i64 [ %414, %413 ], [ %454, %452 ], [ %438, %437 ]
  %457 = call i64 @llvm.umin.i64(i64 %456, i64 1024)
  %458 = icmp ugt i64 %456, 1
  br i1 %458, label %461, label %459

459:                                              ; preds = %455
  %460 = load i64, ptr @started, align 8, !tbaa !4
  br label %484

461:                                              ; preds = %455
  %462 = load i1, ptr @workers.registered, align 4
  br i1 %462, label %465, label %463

463:                                              ; preds = %461
  store i1 true, ptr @workers.registered, align 4
  %464 = call i32 @__register_atfork(ptr noundef null, ptr noundef null, ptr noundef nonnull @without_pool, ptr noundef null) #10
  br label %465

465:                                              ; preds = %463, %461
  %466 = add nsw i64 %457, -1
  call void @llvm.lifetime.start.p0(i64 1024, ptr nonnull %4) #11
  call void @llvm.memset.p0.i64(ptr noundef nonnull align 8 dereferenceable(1024) %4, i8 0, i64 1024, i1 false)
  %467 = call i32 @sched_getaffinity(i32 noundef 0, i64 noundef 1024, ptr noundef nonnull %4) #10
  %468 = icmp sgt i32 %467, -1
  br i1 %468, label %469, label %478

469:                                              ; preds = %465, %469
  %470 = phi i64 [ %476, %469 ], [ 0, %465 ]
  %471 = phi i64 [ %475, %469 ], [ 0, %465 ]
  %472 = getelementptr inbounds [128 x i64], ptr %4, i64 0, i64 %470
  %473 = load i64, ptr %472, align 8, !tbaa !4
  %474 = call range(i64 0, 65) i64 @llvm.ctpop.i64(i64 %473)
  %475 = add nuw nsw i64 %474, %471
  %476 = add nuw nsw i64 %470, 1
  %477 = icmp eq i64 %476, 128
  br i1 %477, label %478, label %469, !llvm.loop !47

478:                                              ; preds = %469, %465
  %479 = phi i64 [ 0, %465 ], [ %475, %469 ]
  %480 = call i64 @llvm.smax.i64(i64 %479, i64 1)
  call void @llvm.lifetime.end.p0(i64 1024, ptr nonnull %4) #11
  %481 = icmp ugt i64 %457, %480
  %482 = select i1 %481, i32 20, i32 2000
  %483 = call i64 @kdsl_pool_start(ptr noundef nonnull @handles, i64 noundef %466, i32 noundef %482) #10
  store i64 %483, ptr @started, align 8, !tbaa !4
  br label %484

484:                                              ; preds = %478, %459
  %485 = phi i64 [ %460, %459 ], [ %483, %478 ]
  %486 = icmp eq i64 %485, 0
  %487 = select i1 %486, i32 3, i32 2
  store atomic i32 %487, ptr @state release, align 4
  br label %488

488:                                              ; preds = %484, %407
  %489 = load atomic i32, ptr @state acquire, align 4
  %490 = icmp eq i32 %489, 2
  %491 = load i64, ptr @started, align 8
  %492 = add nsw i64 %491, 1
  br i1 %490, label %493, label %497

493:                                              ; preds = %488, %405
  %494 = phi i64 [ %406, %405 ], [ %492, %488 ]
  %495 = icmp sgt i64 %494, 1
  br i1 %495, label %496, label %497

496:                                              ; preds = %493
  call fastcc void @make_plan(ptr dead_on_unwind nonnull writable sret(%struct.Plan) align 8 %6, ptr noundef readonly %392, ptr noundef nonnull readonly %1, i64 noundef %494) #12
  br label %497

497:                                              ; preds = %496, %493, %488, %398
  %498 = phi i64 [ 1, %398 ], [ %494, %496 ], [ %494, %493 ], [ 1, %488 ]
  call void @llvm.lifetime.start.p0(i64 128, ptr nonnull %7) #11
  %499 = load i64, ptr %1, align 8, !tbaa !4
  store i64 %499, ptr %7, align 8, !tbaa !4
  %500 = getelementptr inbounds i8, ptr %7, i64 8
  %501 = load i64, ptr %22, align 8, !tbaa !4
  store i64 %501, ptr %500, align 8, !tbaa !4
  %502 = getelementptr inbounds i8, ptr %7, i64 16
  %503 = load i64, ptr %47, align 8, !tbaa !4
  store i64 %503, ptr %502, align 8, !tbaa !4
  %504 = getelementptr inbounds i8, ptr %7, i64 24
  %505 = load i64, ptr %13, align 8, !tbaa !4
  store i64 %505, ptr %504, align 8, !tbaa !4
  %506 = getelementptr inbounds i8, ptr %7, i64 32
  %507 = load i64, ptr %24, align 8, !tbaa !4
  store i64 %507, ptr %506, align 8, !tbaa !4
  %508 = getelementptr inbounds i8, ptr %7, i64 40
  %509 = load i64, ptr %49, align 8, !tbaa !4
  store i64 %509, ptr %508, align 8, !tbaa !4
  %510 = getelementptr inbounds i8, ptr %7, i64 48
  %511 = load i64, ptr %14, align 8, !tbaa !4
  store i64 %511, ptr %510, align 8, !tbaa !4
  %512 = getelementptr inbounds i8, ptr %7, i64 56
  %513 = load i64, ptr %35, align 8, !tbaa !4
  store i64 %513, ptr %512, align 8, !tbaa !4
  %514 = getelementptr inbounds i8, ptr %7, i64 64
  %515 = load i64, ptr %60, align 8, !tbaa !4
  store i64 %515, ptr %514, align 8, !tbaa !4
  %516 = getelementptr inbounds i8, ptr %7, i64 72
  %517 = getelementptr inbounds i8, ptr %6, i64 16
  %518 = load i64, ptr %517, align 8, !tbaa !48
  store i64 %518, ptr %516, align 8, !tbaa !4
  %519 = getelementptr inbounds i8, ptr %7, i64 80
  store i64 0, ptr %519, align 8, !tbaa !4
  %520 = getelementptr inbounds i8, ptr %7, i64 88
  store i64 0, ptr %520, align 8, !tbaa !4
  %521 = getelementptr inbounds i8, ptr %7, i64 96
  store i64 0, ptr %521, align 8, !tbaa !4
  %522 = getelementptr inbounds i8, ptr %7, i64 104
  %523 = getelementptr inbounds i8, ptr %6, i64 32
  %524 = load i32, ptr %523, align 8, !tbaa !49
  %525 = sext i32 %524 to i64
  store i64 %525, ptr %522, align 8, !tbaa !4
  %526 = getelementptr inbounds i8, ptr %7, i64 112
  store i64 0, ptr %526, align 8, !tbaa !4
  %527 = getelementptr inbounds i8, ptr %7, i64 120
  store i64 0, ptr %527, align 8, !tbaa !4
  %528 = getelementptr inbounds i8, ptr %392, i64 16
  %529 = load i64, ptr %528, align 8, !tbaa !50
  %530 = icmp eq i64 %529, 0
  %531 = getelementptr inbounds i8, ptr %392, i64 24
  %532 = load i64, ptr %531, align 8, !tbaa !51
  %533 = icmp eq i64 %532, 0
  %534 = select i1 %530, i1 %533, i1 false
  br i1 %534, label %535, label %538

535:                                              ; preds = %497
  %536 = getelementptr inbounds i8, ptr %6, i64 24
  %537 = load i32, ptr %536, align 8, !tbaa !52
  br label %562

538:                                              ; preds = %497
  %539 = getelementptr inbounds i8, ptr %392, i64 56
  %540 = load i32, ptr %539, align 8, !tbaa !42
  %541 = sext i32 %540 to i64
  %542 = add i64 %505, -1
  %543 = add i64 %542, %541
  %544 = sub nsw i64 0, %541
  %545 = and i64 %543, %544
  %546 = add i64 %529, 63
  %547 = mul i64 %509, %507
  %548 = mul i64 %547, %532
  %549 = mul i64 %548, %545
  %550 = or i64 %546, 63
  %551 = add i64 %549, %550
  %552 = and i64 %551, -64
  %553 = getelementptr inbounds i8, ptr %6, i64 24
  %554 = load i32, ptr %553, align 8, !tbaa !52
  %555 = icmp eq i32 %554, 0
  %556 = select i1 %555, i64 1, i64 %498
  %557 = mul nsw i64 %552, %556
  %558 = call ptr @aligned_alloc(i64 noundef 64, i64 noundef %557) #10
  %559 = icmp eq ptr %558, null
  br i1 %559, label %595, label %560

560:                                              ; preds = %538
  %561 = ptrtoint ptr %558 to i64
  store i64 %561, ptr %519, align 8, !tbaa !4
  store i64 %552, ptr %520, align 8, !tbaa !4
  br label %562

562:                                              ; preds = %560, %535
  %563 = phi i32 [ %554, %560 ], [ %537, %535 ]
  %564 = phi ptr [ %558, %560 ], [ null, %535 ]
  %565 = icmp ne i32 %563, 0
  %566 = load ptr, ptr @others, align 8
  %567 = icmp ne ptr %566, null
  %568 = select i1 %565, i1 %567, i1 false
  br i1 %568, label %569, label %582

569:                                              ; preds = %562
  call void @llvm.lifetime.start.p0(i64 40, ptr nonnull %8) #11
  %570 = load ptr, ptr %392, align 8, !tbaa !53
  store ptr %570, ptr %8, align 8, !tbaa !54
  %571 = getelementptr inbounds i8, ptr %8, i64 8
  store ptr %10, ptr %571, align 8, !tbaa !56
  %572 = getelementptr inbounds i8, ptr %8, i64 16
  store ptr %7, ptr %572, align 8, !tbaa !57
  %573 = getelementptr inbounds i8, ptr %8, i64 24
  %574 = load i64, ptr %6, align 8, !tbaa !58
  store i64 %574, ptr %573, align 8, !tbaa !59
  %575 = getelementptr inbounds i8, ptr %8, i64 32
  %576 = getelementptr inbounds i8, ptr %6, i64 8
  %577 = load i64, ptr %576, align 8, !tbaa !60
  store i64 %577, ptr %575, align 8, !tbaa !61
  %578 = load ptr, ptr @others_context, align 8, !tbaa !10
  %579 = add i64 %574, -1
  %580 = add i64 %579, %577
  %581 = sdiv i64 %580, %577
  call void %566(ptr noundef %578, ptr noundef nonnull @piece, ptr noundef nonnull %8, i64 noundef %581) #10
  call void @llvm.lifetime.end.p0(i64 40, ptr nonnull %8) #11
  br label %592

582:                                              ; preds = %562
  %583 = load i64, ptr %6, align 8, !tbaa !58
  br i1 %565, label %584, label %590

584:                                              ; preds = %582
  %585 = load ptr, ptr %392, align 8, !tbaa !53
  %586 = getelementptr inbounds i8, ptr %6, i64 8
  %587 = load i64, ptr %586, align 8, !tbaa !60
  %588 = call i64 @kdsl_pool_run(ptr noundef %585, ptr noundef nonnull %10, ptr noundef nonnull %7, i64 noundef %583, i64 noundef %587) #10
  %589 = icmp eq i64 %588, 0
  br i1 %589, label %590, label %592

590:                                              ; preds = %584, %582
  %591 = load ptr, ptr %392, align 8, !tbaa !53
  call void %591(ptr noundef nonnull %10, ptr noundef nonnull %7, i64 noundef 0, i64 noundef %583, i64 noundef 0) #10
  br label %592

592:                                              ; preds = %590, %584, %569
  %593 = icmp eq ptr %564, null
  br i1 %593, label %595, label %594

594:                                              ; preds = %592
  call void @free(ptr noundef nonnull %564) #10
  br label %595

595:                                              ; preds = %538, %592, %594
  %596 = phi i32 [ 0, %594 ], [ 0, %592 ], [ 6, %538 ]
  call void @llvm.lifetime.end.p0(i64 128, ptr nonnull %7) #11
  call void @llvm.lifetime.end.p0(i64 40, ptr nonnull %6) #11
  br label %597

597:                                              ; preds = %304, %315, %71, %12, %80, %75, %21, %30, %34, %40, %46, %55, %59, %65, %300, %262, %595, %389, %391, %86, %3
  %598 = phi i32 [ %309, %304 ], [ 1, %3 ], [ 2, %86 ], [ %596, %595 ], [ 7, %389 ], [ 0, %391 ], [ %265, %262 ], [ %303, %300 ], [ 2, %65 ], [ 2, %59 ], [ 2, %55 ], [ 2, %46 ], [ 2, %40 ], [ 2, %34 ], [ 2, %30 ], [ 2, %21 ], [ 2, %75 ], [ 2, %80 ], [ 2, %12 ], [ 2, %71 ], [ 7, %315 ]
  call void @llvm.lifetime.end.p0(i64 4096, ptr nonnull %10) #11
  ret i32 %598
}

; Function Attrs: mustprogress nofree norecurse nosync nounwind willreturn memory(none)
define ptr @KDSL_error_text(i32 noundef %0) local_unnamed_addr #4 {
  %2 = and i32 %0, 255
  %3 = icmp ult i32 %2, 8
  br i1 %3, label %4, label %8

4:                                                ; preds = %1
  %5 = zext nneg i32 %2 to i64
  %6 = shl i64 %5, 2
  %7 = call ptr @llvm.load.relative.i64(ptr @KDSL_error_text.texts.rel, i64 %6)
  br label %8

8:                                                ; preds = %1, %4
  %9 = phi ptr [ %7, %4 ], [ @.str.8, %1 ]
  ret ptr %9
}

; Function Attrs: mustprogress nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare { i64, i1 } @llvm.smul.with.overflow.i64(i64, i64) #5

; Function Attrs: nounwind
define internal fastcc void @make_plan(ptr dead_on_unwind noalias nocapture writable writeonly sret(%struct.Plan) align 8 %0, ptr nocapture noundef readonly %1, ptr nocapture noundef readonly %2, i64 noundef %3) unnamed_addr #0 {
  %5 = getelementptr inbounds i8, ptr %2, i64 48
  %6 = load i64, ptr %5, align 8, !tbaa !4
  %7 = getelementptr inbounds i8, ptr %2, i64 56
  %8 = load i64, ptr %7, align 8, !tbaa !4
  %9 = getelementptr inbounds i8, ptr %2, i64 64
  %10 = load i64, ptr %9, align 8, !tbaa !4
  %11 = mul nsw i64 %10, %8
  %12 = mul nsw i64 %11, %6
  %13 = getelementptr inbounds i8, ptr %1, i64 8
  %14 = load double, ptr %13, align 8, !tbaa !62
  %15 = fcmp ogt double %14, 1.000000e-02
  %16 = select i1 %15, double %14, double 1.000000e-02
  %17 = getelementptr inbounds i8, ptr %0, i64 8
  %18 = getelementptr inbounds i8, ptr %0, i64 16
  %19 = getelementptr inbounds i8, ptr %1, i64 56
  %20 = load i32, ptr %19, align 8, !tbaa !42
  %21 = sext i32 %20 to i64
  store i64 %21, ptr %18, align 8, !tbaa !48
  %22 = getelementptr inbounds i8, ptr %0, i64 24
  store i32 0, ptr %22, align 8, !tbaa !52
  %23 = getelementptr inbounds i8, ptr %0, i64 28
  %24 = sitofp i64 %12 to double
  %25 = fmul double %16, %24
  %26 = fcmp olt double %25, 1.500000e+04
  %27 = zext i1 %26 to i32
  store i32 %27, ptr %23, align 4, !tbaa !45
  %28 = getelementptr inbounds i8, ptr %0, i64 32
  store i32 0, ptr %28, align 8, !tbaa !49
  %29 = icmp eq i64 %3, 1
  %30 = or i1 %29, %26
  %31 = getelementptr inbounds i8, ptr %1, i64 52
  %32 = load i32, ptr %31, align 4, !tbaa !63
  %33 = icmp eq i32 %32, 0
  br i1 %33, label %34, label %69

34:                                               ; preds = %4
  %35 = getelementptr inbounds i8, ptr %2, i64 24
  %36 = load i64, ptr %35, align 8, !tbaa !4
  %37 = getelementptr inbounds i8, ptr %2, i64 32
  %38 = load i64, ptr %37, align 8, !tbaa !4
  %39 = mul nsw i64 %38, %36
  %40 = getelementptr inbounds i8, ptr %2, i64 40
  %41 = load i64, ptr %40, align 8, !tbaa !4
  %42 = mul nsw i64 %39, %41
  %43 = load i64, ptr %2, align 8, !tbaa !4
  %44 = getelementptr inbounds i8, ptr %2, i64 8
  %45 = load i64, ptr %44, align 8, !tbaa !4
  %46 = mul nsw i64 %45, %43
  %47 = getelementptr inbounds i8, ptr %2, i64 16
  %48 = load i64, ptr %47, align 8, !tbaa !4
  %49 = mul nsw i64 %46, %48
  store i64 %49, ptr %0, align 8, !tbaa !58
  %50 = uitofp nneg i64 %3 to double
  %51 = fdiv double 1.000000e+04, %16
  %52 = fdiv double 2.000000e+05, %16
  %53 = fmul double %50, 4.000000e+00
  %54 = fdiv double %24, %53
  %55 = fcmp olt double %54, %52
  %56 = select i1 %55, double %54, double %52
  %57 = fcmp ogt double %51, %56
  %58 = select i1 %57, double %51, double %56
  %59 = sitofp i64 %42 to double
  %60 = fdiv double %58, %59
  %61 = fptosi double %60 to i64
  %62 = icmp slt i64 %61, 1
  %63 = tail call i64 @llvm.smin.i64(i64 %49, i64 %61)
  %64 = select i1 %62, i64 1, i64 %63
  store i64 %64, ptr %17, align 8, !tbaa !60
  %65 = icmp sgt i64 %49, %64
  %66 = xor i1 %30, true
  %67 = select i1 %66, i1 %65, i1 false
  %68 = zext i1 %67 to i32
  store i32 %68, ptr %22, align 8, !tbaa !52
  br label %175

69:                                               ; preds = %4
  %70 = add i64 %6, -1
  %71 = add i64 %70, %21
  %72 = sub nsw i64 0, %21
  %73 = and i64 %71, %72
  %74 = getelementptr inbounds i8, ptr %1, i64 76
  %75 = load i32, ptr %74, align 4, !tbaa !64
  %76 = sext i32 %75 to i64
  %77 = add i64 %8, -1
  %78 = add i64 %77, %76
  %79 = sdiv i64 %78, %76
  %80 = mul nsw i64 %79, %10
  %81 = getelementptr inbounds i8, ptr %1, i64 32
  %82 = load i64, ptr %81, align 8, !tbaa !65
  %83 = icmp eq i64 %82, 0
  br i1 %83, label %95, label %84

84:                                               ; preds = %69
  %85 = mul nsw i64 %82, %6
  %86 = icmp sgt i64 %85, 4095
  br i1 %86, label %87, label %95

87:                                               ; preds = %84
  %88 = mul nsw i64 %85, %11
  %89 = tail call i64 @sysconf(i32 noundef 194) #10
  %90 = icmp sgt i64 %89, 0
  %91 = sdiv i64 %89, 2
  %92 = select i1 %90, i64 %91, i64 16777216
  %93 = icmp sgt i64 %88, %92
  %94 = zext i1 %93 to i32
  br label %95

95:                                               ; preds = %69, %84, %87
  %96 = phi i32 [ 0, %69 ], [ 0, %84 ], [ %94, %87 ]
  store i32 %96, ptr %28, align 8, !tbaa !49
  br i1 %30, label %97, label %98

97:                                               ; preds = %95
  store i64 %80, ptr %17, align 8, !tbaa !60
  store i64 %80, ptr %0, align 8, !tbaa !58
  store i64 %73, ptr %18, align 8, !tbaa !48
  br label %175

98:                                               ; preds = %95
  %99 = uitofp nneg i64 %3 to double
  %100 = fdiv double 1.000000e+04, %16
  %101 = fdiv double 2.000000e+05, %16
  %102 = fmul double %99, 4.000000e+00
  %103 = fdiv double %24, %102
  %104 = fcmp olt double %103, %101
  %105 = select i1 %104, double %103, double %101
  %106 = fcmp ogt double %100, %105
  %107 = select i1 %106, double %100, double %105
  %108 = load i32, ptr %74, align 4, !tbaa !64
  %109 = sitofp i32 %108 to double
  %110 = fdiv double %107, %109
  %111 = fcmp olt double %110, 6.553600e+04
  %112 = fptosi double %110 to i64
  %113 = tail call i64 @llvm.smin.i64(i64 %112, i64 65535)
  %114 = load i32, ptr %19, align 8, !tbaa !42
  %115 = sext i32 %114 to i64
  %116 = select i1 %111, i64 %113, i64 65535
  %117 = add i64 %116, %115
  %118 = sub nsw i64 0, %115
  %119 = and i64 %117, %118
  %120 = tail call i64 @llvm.smin.i64(i64 %119, i64 %73)
  %121 = add i64 %120, %70
  %122 = sdiv i64 %121, %120
  %123 = mul nsw i64 %122, %80
  %124 = shl nsw i64 %3, 4
  %125 = icmp sgt i64 %123, %124
  br i1 %125, label %163, label %126

126:                                              ; preds = %98
  %127 = shl nsw i64 %122, 1
  %128 = icmp sgt i64 %122, %127
  br i1 %128, label %163, label %129

129:                                              ; preds = %126
  %130 = add nsw i64 %115, -1
  %131 = add i64 %3, -1
  br label %132

132:                                              ; preds = %154, %129
  %133 = phi i64 [ %120, %129 ], [ %156, %154 ]
  %134 = phi i64 [ %122, %129 ], [ %157, %154 ]
  %135 = phi i64 [ -1, %129 ], [ %155, %154 ]
  %136 = add i64 %134, %70
  %137 = sdiv i64 %136, %134
  %138 = add i64 %130, %137
  %139 = and i64 %138, %118
  %140 = add i64 %139, %70
  %141 = sdiv i64 %140, %139
  %142 = mul nsw i64 %141, %80
  %143 = add i64 %131, %142
  %144 = sdiv i64 %143, %3
  %145 = mul nsw i64 %139, %144
  %146 = icmp slt i64 %135, 0
  %147 = icmp slt i64 %145, %135
  %148 = select i1 %146, i1 true, i1 %147
  br i1 %148, label %153, label %149

149:                                              ; preds = %132
  %150 = icmp eq i64 %145, %135
  %151 = icmp sgt i64 %139, %133
  %152 = select i1 %150, i1 %151, i1 false
  br i1 %152, label %153, label %154

153:                                              ; preds = %149, %132
  br label %154

154:                                              ; preds = %153, %149
  %155 = phi i64 [ %145, %153 ], [ %135, %149 ]
  %156 = phi i64 [ %139, %153 ], [ %133, %149 ]
  %157 = add i64 %134, 1
  %158 = icmp eq i64 %134, %127
  br i1 %158, label %159, label %132, !llvm.loop !66

159:                                              ; preds = %154
  %160 = add i64 %156, %70
  %161 = sdiv i64 %160, %156
  %162 = mul nsw i64 %161, %80
  br label %163

163:                                              ; preds = %159, %98, %126
  %164 = phi i64 [ %162, %159 ], [ %123, %98 ], [ %123, %126 ]
  %165 = phi i64 [ %156, %159 ], [ %120, %98 ], [ %120, %126 ]
  store i64 %165, ptr %18, align 8, !tbaa !48
  store i64 %164, ptr %0, align 8, !tbaa !58
  %166 = tail call i64 @llvm.smin.i64(i64 %165, i64 %6)
  %167 = sext i32 %108 to i64
  %168 = mul nsw i64 %166, %167
  %169 = sitofp i64 %168 to double
  %170 = fdiv double %107, %169
  %171 = fptosi double %170 to i64
  %172 = tail call i64 @llvm.smax.i64(i64 %171, i64 1)
  store i64 %172, ptr %17, align 8, !tbaa !60
  %173 = icmp sgt i64 %164, %172
  %174 = zext i1 %173 to i32
  store i32 %174, ptr %22, align 8, !tbaa !52
  br label %175

175:                                              ; preds = %97, %163, %34
  ret void
}

declare ptr @aligned_alloc(i64 noundef, i64 noundef) local_unnamed_addr #2

; Function Attrs: nounwind
define internal void @piece(ptr nocapture noundef readonly %0, i64 noundef %1, i64 noundef %2, i64 noundef %3) #0 {
  %5 = getelementptr inbounds i8, ptr %0, i64 32
  %6 = load i64, ptr %5, align 8, !tbaa !61
  %7 = mul nsw i64 %6, %2
  %8 = load ptr, ptr %0, align 8, !tbaa !54
  %9 = getelementptr inbounds i8, ptr %0, i64 8
  %10 = load ptr, ptr %9, align 8, !tbaa !56
  %11 = getelementptr inbounds i8, ptr %0, i64 16
  %12 = load ptr, ptr %11, align 8, !tbaa !57
  %13 = getelementptr inbounds i8, ptr %0, i64 24
  %14 = load i64, ptr %13, align 8, !tbaa !59
  %15 = tail call i64 @llvm.smin.i64(i64 %7, i64 %14)
  %16 = mul nsw i64 %6, %1
  tail call void %8(ptr noundef %10, ptr noundef %12, i64 noundef %16, i64 noundef %15, i64 noundef %3) #10
  ret void
}

declare i64 @kdsl_pool_run(ptr noundef, ptr noundef, ptr noundef, i64 noundef, i64 noundef) local_unnamed_addr #2

declare void @free(ptr noundef) local_unnamed_addr #2

declare i64 @sysconf(i32 noundef) local_unnamed_addr #2

declare i32 @__register_atfork(ptr noundef, ptr noundef, ptr noundef, ptr noundef) local_unnamed_addr #2

; Function Attrs: mustprogress nofree norecurse nounwind willreturn memory(readwrite, argmem: none, inaccessiblemem: none)
define internal void @without_pool() #6 {
  store atomic i32 3, ptr @state release, align 4
  store i64 0, ptr @started, align 8, !tbaa !4
  ret void
}

declare i64 @kdsl_pool_start(ptr noundef, i64 noundef, i32 noundef) local_unnamed_addr #2

declare ptr @getenv(ptr noundef) local_unnamed_addr #2

; Function Attrs: mustprogress nocallback nofree nounwind willreturn memory(argmem: write)
declare void @llvm.memset.p0.i64(ptr nocapture writeonly, i8, i64, i1 immarg) #7

declare i32 @sched_getaffinity(i32 noundef, i64 noundef, ptr noundef) local_unnamed_addr #2

; Function Attrs: mustprogress nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i64 @llvm.ctpop.i64(i64) #5

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i32 @llvm.smax.i32(i32, i32) #8

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i64 @llvm.smin.i64(i64, i64) #8

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i64 @llvm.smax.i64(i64, i64) #8

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i64 @llvm.abs.i64(i64, i1 immarg) #8

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i64 @llvm.umax.i64(i64, i64) #8

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i64 @llvm.umin.i64(i64, i64) #8

; Function Attrs: nocallback nofree nosync nounwind willreturn memory(argmem: read)
declare ptr @llvm.load.relative.i64(ptr, i64) #9

attributes #0 = { nounwind "frame-pointer"="non-leaf" "no-builtins" "no-trapping-math"="true" "stack-protector-buffer-size"="8" }
attributes #1 = { mustprogress nocallback nofree nosync nounwind willreturn memory(argmem: readwrite) }
attributes #2 = { "frame-pointer"="non-leaf" "no-builtins" "no-trapping-math"="true" "stack-protector-buffer-size"="8" }
attributes #3 = { mustprogress nofree norecurse nosync nounwind willreturn memory(write, argmem: none, inaccessiblemem: none) "frame-pointer"="non-leaf" "no-builtins" "no-trapping-math"="true" "stack-protector-buffer-size"="8" }
attributes #4 = { mustprogress nofree norecurse nosync nounwind willreturn memory(none) "frame-pointer"="non-leaf" "no-builtins" "no-trapping-math"="true" "stack-protector-buffer-size"="8" }
attributes #5 = { mustprogress nocallback nofree nosync nounwind speculatable willreturn memory(none) }
attributes #6 = { mustprogress nofree norecurse nounwind willreturn memory(readwrite, argmem: none, inaccessiblemem: none) "frame-pointer"="non-leaf" "no-builtins" "no-trapping-math"="true" "stack-protector-buffer-size"="8" }
attributes #7 = { mustprogress nocallback nofree nounwind willreturn memory(argmem: write) }
attributes #8 = { nocallback nofree nosync nounwind speculatable willreturn memory(none) }
attributes #9 = { nocallback nofree nosync nounwind willreturn memory(argmem: read) }
attributes #10 = { nobuiltin nounwind "no-builtins" }
attributes #11 = { nounwind }
attributes #12 = { nobuiltin "no-builtins" }

!llvm.module.flags = !{!0, !1, !2}

!0 = !{i32 1, !"wchar_size", i32 4}
!1 = !{i32 8, !"PIC Level", i32 2}
!2 = !{i32 7, !"frame-pointer", i32 1}
!3 = !{!"Debian clang version 19.1.7 (3~deb12u1)"}
!4 = !{!5, !5, i64 0}
!5 = !{!"long", !6, i64 0}
!6 = !{!"omnipotent char", !7, i64 0}
!7 = !{!"Simple C/C++ TBAA"}
!8 = !{!9, !9, i64 0}
!9 = !{!"int", !6, i64 0}
!10 = !{!11, !11, i64 0}
!11 = !{!"any pointer", !6, i64 0}
!12 = !{!13, !9, i64 16}
!13 = !{!"", !11, i64 0, !11, i64 8, !9, i64 16, !9, i64 20}
!14 = !{!13, !11, i64 0}
!15 = !{!16, !9, i64 0}
!16 = !{!"", !9, i64 0, !9, i64 4, !9, i64 8, !9, i64 12, !9, i64 16, !9, i64 20}
!17 = !{!16, !9, i64 8}
!18 = !{!19, !11, i64 8}
!19 = !{!"", !11, i64 0, !11, i64 8, !11, i64 16}
!20 = !{!16, !9, i64 4}
!21 = distinct !{!21, !22}
!22 = !{!"llvm.loop.mustprogress"}
!23 = !{!19, !11, i64 16}
!24 = !{!19, !11, i64 0}
!25 = !{!16, !9, i64 16}
!26 = distinct !{!26, !22}
!27 = !{!16, !9, i64 12}
!28 = !{!16, !9, i64 20}
!29 = distinct !{!29, !22}
!30 = distinct !{!30, !22}
!31 = distinct !{!31, !22}
!32 = !{!6, !6, i64 0}
!33 = distinct !{!33, !22}
!34 = distinct !{!34, !22}
!35 = !{!13, !9, i64 20}
!36 = !{!13, !11, i64 8}
!37 = !{!38, !9, i64 40}
!38 = !{!"", !11, i64 0, !39, i64 8, !5, i64 16, !5, i64 24, !5, i64 32, !9, i64 40, !9, i64 44, !9, i64 48, !9, i64 52, !9, i64 56, !9, i64 60, !6, i64 64, !9, i64 76}
!39 = !{!"double", !6, i64 0}
!40 = !{!38, !9, i64 44}
!41 = !{!38, !9, i64 60}
!42 = !{!38, !9, i64 56}
!43 = !{!38, !9, i64 48}
!44 = distinct !{!44, !22}
!45 = !{!46, !9, i64 28}
!46 = !{!"", !5, i64 0, !5, i64 8, !5, i64 16, !9, i64 24, !9, i64 28, !9, i64 32}
!47 = distinct !{!47, !22}
!48 = !{!46, !5, i64 16}
!49 = !{!46, !9, i64 32}
!50 = !{!38, !5, i64 16}
!51 = !{!38, !5, i64 24}
!52 = !{!46, !9, i64 24}
!53 = !{!38, !11, i64 0}
!54 = !{!55, !11, i64 0}
!55 = !{!"", !11, i64 0, !11, i64 8, !11, i64 16, !5, i64 24, !5, i64 32}
!56 = !{!55, !11, i64 8}
!57 = !{!55, !11, i64 16}
!58 = !{!46, !5, i64 0}
!59 = !{!55, !5, i64 24}
!60 = !{!46, !5, i64 8}
!61 = !{!55, !5, i64 32}
!62 = !{!38, !39, i64 8}
!63 = !{!38, !9, i64 52}
!64 = !{!38, !9, i64 76}
!65 = !{!38, !5, i64 32}
!66 = distinct !{!66, !22}
